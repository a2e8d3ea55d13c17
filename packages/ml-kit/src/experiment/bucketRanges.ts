/** Half-open part of [0, 1): `[from, to)`. */
export type BucketRange = [from: number, to: number];

/** Equal shares that add up to 1; empty for fewer than one arm. */
export function equalWeights(arms: number): number[] {
  return arms < 1 ? [] : new Array<number>(arms).fill(1 / arms);
}

/**
 * The bucket range of each arm, GrowthBook's way: every arm starts where it would
 * at full coverage and holds `coverage` of its share. So raising the coverage only
 * adds buckets to each arm and never moves an id between arms: a ramp is monotone
 * for any number of arms.
 *
 * @param coverage - share of all ids that take part, kept within 0 to 1
 * @param weights - shares that add up to 1 (within 0.01); anything else means equal shares
 * O(arms).
 */
export function bucketRanges(
  arms: number,
  coverage = 1,
  weights: readonly number[] = equalWeights(arms),
): BucketRange[] {
  const covered = Math.min(1, Math.max(0, coverage));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isUsable = weights.length === arms && Math.abs(total - 1) <= 0.01;
  let start = 0;
  return (isUsable ? weights : equalWeights(arms)).map(weight => {
    const range: BucketRange = [start, start + covered * weight];
    start += weight;
    return range;
  });
}

/** Index of the range that holds the bucket; undefined when it is outside of all (not covered). O(arms). */
export function armOfBucket(
  bucket: number,
  ranges: readonly BucketRange[],
): number | undefined {
  const index = ranges.findIndex(([from, to]) => bucket >= from && bucket < to);
  return index < 0 ? undefined : index;
}
