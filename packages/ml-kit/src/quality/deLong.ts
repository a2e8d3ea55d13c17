import { normalCdf, normalQuantile } from '../distributions/normal';
import { assertConfidence } from '../numerics/assertConfidence';
import { assertScores } from './binaryRows';
import type { BinaryLabels } from './binaryRows';

/** Midranks of values, from 1; equal values share their mean rank. */
function midranks(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).sort(
    (a, b) => values[a] - values[b],
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]] === values[order[start]]) {
      end++;
    }
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** For each positive the share of negatives below it, and for each negative of positives above it. */
function placements(labels: BinaryLabels, scores: ArrayLike<number>) {
  assertScores(labels, scores);
  const all = Float64Array.from(scores);
  const positives = all.filter((_, i) => Boolean(labels[i]));
  const negatives = all.filter((_, i) => !labels[i]);
  const ranks = midranks(all);
  const own = [midranks(negatives), midranks(positives)];
  const result = [
    new Float64Array(negatives.length),
    new Float64Array(positives.length),
  ];
  const at = [0, 0];
  labels.forEach((label, i) => {
    const kind = label ? 1 : 0;
    const k = at[kind]++;
    const others = ranks[i] - own[kind][k];
    result[kind][k] = label
      ? others / negatives.length
      : 1 - others / positives.length;
  });
  return { ofNegatives: result[0], ofPositives: result[1] };
}

function meanOf(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function covariance(a: Float64Array, b: Float64Array): number {
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (a.length - 1);
}

export interface AucEstimate {
  auc: number;
  standardError: number;
  /** Normal interval, kept within 0 to 1. */
  interval: [number, number];
}

/**
 * Area under the ROC curve with DeLong's standard error. NaN unless both classes have
 * two rows (the area itself: one). Throws InvalidArgumentError for a NaN score labels that are not binary, or a confidence outside of 0 to 1. O(n log n).
 * Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); Sun and Xu (2014) for the ranks.
 */
export function deLongInterval(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
  confidence = 0.95,
): AucEstimate {
  assertConfidence(confidence);
  const { ofPositives, ofNegatives } = placements(labels, scores);
  const auc = meanOf(ofPositives);
  const standardError = Math.sqrt(
    covariance(ofPositives, ofPositives) / ofPositives.length +
      covariance(ofNegatives, ofNegatives) / ofNegatives.length,
  );
  const half = normalQuantile((1 + confidence) / 2) * standardError;
  return {
    auc,
    standardError,
    interval: [Math.max(0, auc - half), Math.min(1, auc + half)],
  };
}

export interface AucComparison {
  base: number;
  candidate: number;
  /** candidate - base. */
  improvement: number;
  standardError: number;
  interval: [number, number];
  /** Two-sided. 1 when the rankings are equal. */
  pValue: number;
}

/** DeLong's test of two scores of the same rows: their shared hard rows do not widen it. Domain and errors as {@link deLongInterval}. */
export function deLongTest(
  labels: BinaryLabels,
  base: ArrayLike<number>,
  candidate: ArrayLike<number>,
  confidence = 0.95,
): AucComparison {
  assertConfidence(confidence);
  const a = placements(labels, base);
  const b = placements(labels, candidate);
  const variance = (['ofPositives', 'ofNegatives'] as const).reduce(
    (sum, kind) => {
      const gain = b[kind].map((value, i) => value - a[kind][i]);
      return sum + covariance(gain, gain) / gain.length;
    },
    0,
  );
  const aucBase = meanOf(a.ofPositives);
  const aucCandidate = meanOf(b.ofPositives);
  const improvement = aucCandidate - aucBase;
  const standardError = Math.sqrt(variance);
  const half = normalQuantile((1 + confidence) / 2) * standardError;
  return {
    base: aucBase,
    candidate: aucCandidate,
    improvement,
    standardError,
    interval: [improvement - half, improvement + half],
    pValue:
      improvement === 0
        ? 1
        : 2 * normalCdf(-Math.abs(improvement) / standardError),
  };
}
