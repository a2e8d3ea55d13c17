/**
 * Which processors a program may use: those that the fewest others were given.
 *
 * @param count - how many it wants, possibly a part of one
 * @param all - numbers of those that there are
 * @param taken - those of each program that runs
 * @returns undefined where it wants as many as there are
 */
export function chooseProcessors(
  count: number,
  all: readonly number[],
  taken: readonly (readonly number[])[],
): number[] | undefined {
  const wanted = Math.max(1, Math.ceil(count));
  if (wanted >= all.length) return undefined;
  const uses = new Map(all.map(processor => [processor, 0]));
  taken.flat().forEach(processor => {
    const before = uses.get(processor);
    if (before !== undefined) uses.set(processor, before + 1);
  });
  return [...uses]
    .sort(([a, usesOfA], [b, usesOfB]) => usesOfA - usesOfB || a - b)
    .slice(0, wanted)
    .map(([processor]) => processor)
    .sort((a, b) => a - b);
}

/** Reads a list as the system writes it, such as `0-3,8`. */
export function readProcessorList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter(part => /^\d+(-\d+)?$/.test(part))
    .flatMap(part => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}
