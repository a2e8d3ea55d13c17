import { normalCdf, normalQuantile } from '../distributions/normal';
import { assertConfidence } from '../numerics/assertConfidence';
import { exchangeTest, newcombeInterval } from './aucOfFewRows';
import { midranks } from './midranks';
import { assertScores } from './binaryRows';
import type { BinaryLabels } from './binaryRows';

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

/** With fewer rows in either class the normal approximation says little. */
const LEAST_ROWS_OF_A_CLASS = 20;
/** Nor near 0 and 1, where few rows are out of order: 20 rows of a class suffice around 0.5, 300 are needed at 0.983. */
const LEAST_SPREAD = 5;

/** Whether DeLong's error can be trusted. */
function isLarge(
  classes: { ofPositives: Float64Array; ofNegatives: Float64Array },
  standardError: number,
): boolean {
  const { ofPositives, ofNegatives } = classes;
  const rows = Math.min(ofPositives.length, ofNegatives.length);
  return rows >= LEAST_ROWS_OF_A_CLASS && standardError > 0;
}

export interface AucEstimate {
  auc: number;
  /** DeLong's; 0 where the classes are perfectly apart. */
  standardError: number;
  interval: [number, number];
  method: 'delong' | 'newcombe';
}

/**
 * Area under the ROC curve with DeLong's standard error and a normal interval, kept within 0 to 1. NaN without rows of
 * both classes.
 *
 * Below 20 rows of either class, and where rows * area * (1 - area) of the smaller class is below 5, the interval is
 * Newcombe's, which is wide for few rows and never certain: with perfect separation DeLong's error is 0, and shortly
 * before it covers 66 % instead of 95 %.
 * Throws InvalidArgumentError for a NaN score, labels that are not binary, or a confidence outside of 0 to 1. O(n log n).
 * Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); Sun and Xu (2014) for the ranks;
 * Newcombe, Statistics in Medicine 25 (2006), method 5.
 */
export function deLongInterval(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
  confidence = 0.95,
): AucEstimate {
  assertConfidence(confidence);
  const classes = placements(labels, scores);
  const { ofPositives, ofNegatives } = classes;
  const auc = meanOf(ofPositives);
  const standardError = Math.sqrt(
    covariance(ofPositives, ofPositives) / ofPositives.length +
      covariance(ofNegatives, ofNegatives) / ofNegatives.length,
  );
  const spread =
    Math.min(ofPositives.length, ofNegatives.length) * auc * (1 - auc);
  if (!isLarge(classes, standardError) || spread < LEAST_SPREAD) {
    const interval = newcombeInterval(
      auc,
      ofPositives.length,
      ofNegatives.length,
      confidence,
    );
    return { auc, standardError, interval, method: 'newcombe' };
  }
  const half = normalQuantile((1 + confidence) / 2) * standardError;
  return {
    auc,
    standardError,
    interval: [Math.max(0, auc - half), Math.min(1, auc + half)],
    method: 'delong',
  };
}

export interface AucComparison {
  base: number;
  candidate: number;
  /** candidate - base. */
  improvement: number;
  /** DeLong's; 0 where both separate the classes in the same rows. */
  standardError: number;
  interval: [number, number];
  /** Two-sided. 1 when the rankings are equal. */
  pValue: number;
  method: 'delong' | 'permutation';
}

/**
 * DeLong's test of two scores of the same rows: their shared hard rows do not widen it.
 *
 * Below 20 rows of either class, and where DeLong's error is 0, the p-value is of an exchange test: how often the two would be as
 * far apart if it were a coin that says which ranking of a row is whose; all ways up to 12 rows, drawn (seeded) beyond. So four rows never give less
 * than 1/8. The interval is then put together from the two Newcombe intervals, as if they were independent.
 * Domain and errors as {@link deLongInterval}.
 * Source: Venkatraman and Begg, Biometrika 83 (1996); Zou and Donner, Statistics in Medicine 27 (2008) for the interval.
 */
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
  const aucs = {
    base: meanOf(a.ofPositives),
    candidate: meanOf(b.ofPositives),
  };
  const improvement = aucs.candidate - aucs.base;
  const standardError = Math.sqrt(variance);
  if (!isLarge(a, standardError)) {
    const [lowBase, highBase, lowCandidate, highCandidate] = [
      aucs.base,
      aucs.candidate,
    ].flatMap(auc =>
      newcombeInterval(
        auc,
        a.ofPositives.length,
        a.ofNegatives.length,
        confidence,
      ),
    );
    return {
      ...aucs,
      improvement,
      standardError,
      interval: [
        improvement -
          Math.hypot(aucs.candidate - lowCandidate, highBase - aucs.base),
        improvement +
          Math.hypot(highCandidate - aucs.candidate, aucs.base - lowBase),
      ],
      pValue: exchangeTest(
        labels,
        midranks(Float64Array.from(base)),
        midranks(Float64Array.from(candidate)),
      ),
      method: 'permutation',
    };
  }
  const half = normalQuantile((1 + confidence) / 2) * standardError;
  return {
    ...aucs,
    improvement,
    standardError,
    interval: [improvement - half, improvement + half],
    pValue:
      improvement === 0
        ? 1
        : 2 * normalCdf(-Math.abs(improvement) / standardError),
    method: 'delong',
  };
}
