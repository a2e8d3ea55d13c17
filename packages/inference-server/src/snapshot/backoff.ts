const LONGEST_MILLIS = 30_000;

/**
 * How long to wait before trying again: doubling with each failure, and spread by chance
 * so that many data planes do not come back at the same moment.
 *
 * @param failures - in a row, at least one
 * @param baseMillis - wait after the first one, about
 */
export function backoffMillis(
  failures: number,
  baseMillis: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(baseMillis * 2 ** (failures - 1), LONGEST_MILLIS);
  return Math.round(full * (0.5 + random() * 0.5));
}
