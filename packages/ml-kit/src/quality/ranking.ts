/**
 * Quality of one ranked list: `relevance` holds the gain of each item in the order
 * that the model gave, 0 for irrelevant. Average over queries yourself, with {@link sampleStatistic} for an interval.
 */
export type RankedRelevance = ArrayLike<number>;

function discountedGain(relevance: ArrayLike<number>, k: number): number {
  let sum = 0;
  for (let i = 0; i < Math.min(k, relevance.length); i++) {
    sum += relevance[i] / Math.log2(i + 2);
  }
  return sum;
}

/** Normalized discounted cumulative gain at k (default all) with linear gains, 0 to 1. NaN when nothing is relevant. */
export function ndcg(relevance: RankedRelevance, k = relevance.length): number {
  const ideal = Float64Array.from(relevance).sort().reverse();
  return discountedGain(relevance, k) / discountedGain(ideal, k);
}

/** 1 / rank of the first relevant item; 0 when there is none. */
export function reciprocalRank(relevance: RankedRelevance): number {
  for (let i = 0; i < relevance.length; i++) {
    if (relevance[i] > 0) return 1 / (i + 1);
  }
  return 0;
}

/** Share of the first k that are relevant; places beyond the list count as irrelevant. */
export function precisionAt(relevance: RankedRelevance, k: number): number {
  let hits = 0;
  for (let i = 0; i < Math.min(k, relevance.length); i++) {
    if (relevance[i] > 0) hits++;
  }
  return hits / k;
}

/** Share of the relevant items that are among the first k. NaN when nothing is relevant. `relevantTotal` counts those that were not even ranked. */
export function recallAt(
  relevance: RankedRelevance,
  k: number,
  relevantTotal?: number,
): number {
  let total = 0;
  for (let i = 0; i < relevance.length; i++) if (relevance[i] > 0) total++;
  return (precisionAt(relevance, k) * k) / (relevantTotal ?? total);
}

/** Mean of the precision at each relevant item. NaN when nothing is relevant. */
export function rankedAveragePrecision(relevance: RankedRelevance): number {
  let hits = 0;
  let sum = 0;
  for (let i = 0; i < relevance.length; i++) {
    if (relevance[i] > 0) {
      hits++;
      sum += hits / (i + 1);
    }
  }
  return sum / hits;
}
