/**
 * p-values adjusted so that calling those below alpha significant keeps the
 * expected share of false ones among them at alpha (independent or positively
 * dependent tests). Order is kept; empty in, empty out; a NaN stays NaN and is not counted as a test.
 *
 * O(n log n). Source: Benjamini and Hochberg, JRSS B 57 (1995).
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => NaN);
  const order = pValues
    .map((_, index) => index)
    .filter(index => !Number.isNaN(pValues[index]))
    .sort((a, b) => pValues[b] - pValues[a]);
  let smallest = 1;
  order.forEach((index, fromTop) => {
    const rank = order.length - fromTop;
    smallest = Math.min(smallest, (pValues[index] * order.length) / rank);
    adjusted[index] = smallest;
  });
  return adjusted;
}
