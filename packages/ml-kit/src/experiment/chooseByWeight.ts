/**
 * Index of the arm whose share of [0, 1) holds the bucket; the arms lie side by side in order.
 *
 * With two arms, ramping the weights moves only one boundary: who was in the
 * growing arm stays in it. Weights are taken relative to their sum (100 for
 * percent); an arm of weight 0 is never chosen.
 *
 * @param bucket - in [0, 1), see {@link stickyBucket}
 * @returns -1 when no weight is positive. O(arms).
 */
export function chooseByWeight(
  bucket: number,
  weightsPercent: readonly number[],
): number {
  let total = 0;
  for (const weight of weightsPercent) total += Math.max(0, weight);
  let cumulative = 0;
  let chosen = -1;
  for (let i = 0; i < weightsPercent.length; i++) {
    if (!(weightsPercent[i] > 0)) continue;
    cumulative += weightsPercent[i];
    chosen = i;
    if (bucket < cumulative / total) return i;
  }
  return chosen;
}
