/** The smaller or larger one of two extremes, either of which may be missing because nothing was seen. */
export function extremeOf(
  pick: (...values: number[]) => number,
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  return a === undefined || b === undefined ? a ?? b : pick(a, b);
}
