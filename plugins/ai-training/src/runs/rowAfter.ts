/**
 * The row that a key leads to from another, from 0; undefined for keys that lead nowhere, as the arrow up in the first
 * row.
 */
export function rowAfter(
  key: string,
  index: number,
  table: {
    /** How many rows there are. */
    count: number;
    /** How many are in sight. */
    page: number;
  },
): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: table.page,
    PageUp: -table.page,
    Home: -Infinity,
    End: Infinity,
  };
  if (!Object.hasOwn(steps, key)) return undefined;
  const next = Math.min(Math.max(index + steps[key], 0), table.count - 1);
  return next === index ? undefined : next;
}
