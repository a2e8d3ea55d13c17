// @ts-check
/** A list page with 10,000 models may take so many times what it takes with 100. */
export const MAX_RATIO = 3;
/** Within so long a key is usable on each data plane, and a revocation in force. */
export const MAX_LATENCY_MILLIS = 2_000;
/** Within so long the catalog holds all models, and a change of one. */
export const MAX_CATALOG_MILLIS = 600_000;
export const MAX_CATALOG_CHANGE_MILLIS = 5_000;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Holds measurements against the bounds.
 *
 * @param {{ pages: { page: string, smallMillis: number, largeMillis: number }[], latencies: { what: string, millis: number[], maxMillis: number }[] }} measured
 * @returns {{ rows: object[], broken: string[] }} what to print, and a sentence for each bound that does not hold
 */
export function judge({ pages, latencies }) {
  const broken = [];
  const rows = pages.map(({ page, smallMillis, largeMillis }) => {
    const ratio = largeMillis / smallMillis;
    if (ratio > MAX_RATIO) {
      broken.push(
        `${page} takes ${ratio.toFixed(
          1,
        )} times as long, expected at most ${MAX_RATIO}`,
      );
    }
    return {
      page,
      'few, ms': Number(smallMillis.toFixed(1)),
      'many, ms': Number(largeMillis.toFixed(1)),
      ratio: Number(ratio.toFixed(2)),
    };
  });
  for (const { what, millis, maxMillis } of latencies) {
    const longest = Math.max(...millis);
    if (longest > maxMillis) {
      broken.push(
        `${what} took ${longest.toFixed(0)} ms, expected at most ${maxMillis}`,
      );
    }
  }
  return { rows, broken };
}
