import { assertFormatVersion } from '../numerics/assertFormatVersion';
/** Bins of the score over which the area under the curve is estimated. */
const SCORE_BINS = 1000;

/**
 * Sums from which the performance of a binary classifier is estimated without
 * labels. A plain object; sums of parts add up to the sums of the whole.
 */
export interface ConfidenceSums {
  formatVersion: 1;
  /** Rows counted. */
  rows: number;
  /** Expected counts of the confusion matrix. */
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
  /** By score, 1000 equal bins of 0 to 1: rows and their expected positives. */
  scoreRows: number[];
  scorePositives: number[];
}

/** Performance as it would be on average if the probabilities are right. Absent where the denominator is 0. */
export interface EstimatedPerformance {
  rows: number;
  accuracy?: number;
  precision?: number;
  recall?: number;
  specificity?: number;
  f1?: number;
  rocAuc?: number;
}

/** Sums over no rows. */
export function emptyConfidenceSums(): ConfidenceSums {
  return {
    formatVersion: 1,
    rows: 0,
    truePositives: 0,
    falsePositives: 0,
    falseNegatives: 0,
    trueNegatives: 0,
    scoreRows: new Array<number>(SCORE_BINS).fill(0),
    scorePositives: new Array<number>(SCORE_BINS).fill(0),
  };
}

export interface ConfidenceRow {
  /** Calibrated probability of the positive class, 0 to 1. */
  probability: number;
  /** What the model answered. */
  predictedPositive: boolean;
  /** The model's own score, 0 to 1, for the ranking; default the probability. */
  score?: number;
}

/** Adds a row in place. A row whose probability is not within 0 to 1, or whose score is NaN, is left out. O(1). */
export function addToConfidenceSums(
  sums: ConfidenceSums,
  row: ConfidenceRow,
): void {
  assertFormatVersion('confidence sums', sums);
  const { probability, predictedPositive, score = probability } = row;
  if (!(probability >= 0 && probability <= 1) || Number.isNaN(score)) return;
  sums.rows++;
  if (predictedPositive) {
    sums.truePositives += probability;
    sums.falsePositives += 1 - probability;
  } else {
    sums.falseNegatives += probability;
    sums.trueNegatives += 1 - probability;
  }
  const bin = Math.min(
    SCORE_BINS - 1,
    Math.max(0, Math.floor(score * SCORE_BINS)),
  );
  sums.scoreRows[bin]++;
  sums.scorePositives[bin] += probability;
}

/** Sums over the rows of both, as a new object. */
export function mergeConfidenceSums(
  a: ConfidenceSums,
  b: ConfidenceSums,
): ConfidenceSums {
  assertFormatVersion('confidence sums', b);
  assertFormatVersion('confidence sums', a);
  const add = (x: number[], y: number[]) => x.map((value, i) => value + y[i]);
  return {
    formatVersion: 1,
    rows: a.rows + b.rows,
    truePositives: a.truePositives + b.truePositives,
    falsePositives: a.falsePositives + b.falsePositives,
    falseNegatives: a.falseNegatives + b.falseNegatives,
    trueNegatives: a.trueNegatives + b.trueNegatives,
    scoreRows: add(a.scoreRows, b.scoreRows),
    scorePositives: add(a.scorePositives, b.scorePositives),
  };
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** Area under the curve: half of each bin's own pairs count as ordered. */
function expectedRocAuc(sums: ConfidenceSums): number | undefined {
  let positivesBelow = 0;
  let ordered = 0;
  let negatives = 0;
  for (let i = SCORE_BINS - 1; i >= 0; i--) {
    const positive = sums.scorePositives[i];
    const negative = sums.scoreRows[i] - positive;
    ordered += negative * (positivesBelow + positive / 2);
    positivesBelow += positive;
    negatives += negative;
  }
  return ratio(ordered, positivesBelow * negatives);
}

/**
 * Confidence-based performance estimation: what a confusion matrix would hold on
 * average, from calibrated probabilities alone.
 *
 * Right only while the probabilities are: it sees a change of the inputs, not a
 * change of what they mean. Show it as estimated, and replace it when labels arrive.
 * Calibrate first, see fitIsotonic. Scores within 1/1000 of each other count as tied in the area under the curve.
 * O(1000). Source: NannyML's CBPE; Białek et al., arXiv 2401.08348.
 */
export function estimatePerformance(
  sums: ConfidenceSums,
): EstimatedPerformance {
  assertFormatVersion('confidence sums', sums);
  const { rows, truePositives, falsePositives } = sums;
  const { falseNegatives, trueNegatives } = sums;
  const measures = {
    accuracy: ratio(truePositives + trueNegatives, rows),
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    specificity: ratio(trueNegatives, trueNegatives + falsePositives),
    f1: ratio(
      2 * truePositives,
      2 * truePositives + falsePositives + falseNegatives,
    ),
    rocAuc: expectedRocAuc(sums),
  };
  const known = Object.entries(measures).filter(
    ([, value]) => value !== undefined,
  );
  return { rows, ...Object.fromEntries(known) };
}
