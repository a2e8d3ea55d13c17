import { assertSameLength } from '../numerics/assertSameLength';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { assertProbabilities, assertScores } from './binaryRows';
import type { BinaryLabels } from './binaryRows';

export type { BinaryLabels } from './binaryRows';

/** Rows by falling score, grouped by equal scores: positives and negatives of each group. */
function groupsByScore(labels: BinaryLabels, scores: ArrayLike<number>) {
  assertScores(labels, scores);
  const order = Array.from(scores, (_, i) => i).sort(
    (a, b) => scores[b] - scores[a],
  );
  const groups: { score: number; positives: number; negatives: number }[] = [];
  for (const i of order) {
    let group = groups[groups.length - 1];
    if (!group || group.score !== scores[i]) {
      group = { score: scores[i], positives: 0, negatives: 0 };
      groups.push(group);
    }
    if (labels[i]) group.positives++;
    else group.negatives++;
  }
  return groups;
}

/**
 * Area under the ROC curve: the probability that a positive row scores above a
 * negative one, ties counted half. NaN unless both classes occur; NaN scores throw InvalidArgumentError. O(n log n).
 */
export function rocAuc(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
): number {
  let positives = 0;
  let negatives = 0;
  let ordered = 0;
  for (const group of groupsByScore(labels, scores)) {
    ordered += group.negatives * (positives + group.positives / 2);
    positives += group.positives;
    negatives += group.negatives;
  }
  return ordered / (positives * negatives);
}

/** One threshold of the ROC and precision-recall curves: rows with at least this score count as positive. */
export interface CurvePoint {
  threshold: number;
  truePositiveRate: number;
  falsePositiveRate: number;
  precision: number;
}

/** Both curves at every distinct score, falling. Empty without rows; NaN scores throw InvalidArgumentError. O(n log n). */
export function scoreCurve(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
): CurvePoint[] {
  const groups = groupsByScore(labels, scores);
  const positives = groups.reduce((sum, group) => sum + group.positives, 0);
  const negatives = labels.length - positives;
  let truePositives = 0;
  let falsePositives = 0;
  return groups.map(group => {
    truePositives += group.positives;
    falsePositives += group.negatives;
    return {
      threshold: group.score,
      truePositiveRate: truePositives / positives,
      falsePositiveRate: falsePositives / negatives,
      precision: truePositives / (truePositives + falsePositives),
    };
  });
}

/** Average precision: precision at every threshold weighted by the gain of recall, no interpolation. NaN without positives; NaN scores throw InvalidArgumentError. */
export function averagePrecision(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
): number {
  let recall = 0;
  let sum = 0;
  for (const point of scoreCurve(labels, scores)) {
    sum += (point.truePositiveRate - recall) * point.precision;
    recall = point.truePositiveRate;
  }
  return labels.length > 0 ? sum : NaN;
}

/** Mean negative log-likelihood in nats. Probabilities are kept 2^-52 away from 0 and 1, so that one certain mistake is finite. Throws InvalidArgumentError for one outside of 0 to 1; NaN without rows. */
export function logLoss(
  labels: BinaryLabels,
  probabilities: ArrayLike<number>,
): number {
  assertProbabilities(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(
      1 - Number.EPSILON,
      Math.max(Number.EPSILON, probabilities[i]),
    );
    sum -= labels[i] ? Math.log(p) : Math.log1p(-p);
  }
  return sum / labels.length;
}

/** Mean squared difference of probability and outcome, 0 to 1. Throws InvalidArgumentError for a probability outside of 0 to 1; NaN without rows. */
export function brierScore(
  labels: BinaryLabels,
  probabilities: ArrayLike<number>,
): number {
  assertProbabilities(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum += (probabilities[i] - (labels[i] ? 1 : 0)) ** 2;
  }
  return sum / labels.length;
}

/** Throws InvalidArgumentError, naming the row, unless its label is one of its classes and none of its scores is NaN. */
function assertClassRow(
  row: number,
  label: number,
  scores: ArrayLike<number>,
): void {
  if (!(Number.isInteger(label) && label >= 0 && label < scores.length)) {
    throw new InvalidArgumentError(
      `The label of row ${row} is ${label}, expected a class from 0 to ${
        scores.length - 1
      }`,
    );
  }
  for (let c = 0; c < scores.length; c++) {
    if (Number.isNaN(Number(scores[c]))) {
      throw new InvalidArgumentError(
        `Row ${row} has NaN for class ${c}, expected a number`,
      );
    }
  }
}

/**
 * Mean negative log-probability of the true class in nats. Shape of probabilities [rows, classes], rows are normalized.
 * Labels are indices of classes. Throws InvalidArgumentError for a label that is none, and for a row with NaN, a negative or an infinite entry, or only zeros.
 */
export function multiclassLogLoss(
  labels: readonly number[],
  probabilities: readonly ArrayLike<number>[],
): number {
  assertSameLength('labels and probabilities', labels, probabilities);
  let sum = 0;
  labels.forEach((label, i) => {
    assertClassRow(i, label, probabilities[i]);
    let total = 0;
    let least = Infinity;
    for (let c = 0; c < probabilities[i].length; c++) {
      total += probabilities[i][c];
      least = Math.min(least, probabilities[i][c]);
    }
    if (!(least >= 0 && total > 0 && Number.isFinite(total))) {
      throw new InvalidArgumentError(
        `The probabilities of row ${i} add up to ${total} with a smallest of ${least}, expected finite ones of at least 0 that are not all 0`,
      );
    }
    const p = probabilities[i][label] / total;
    sum -= Math.log(Math.max(Number.EPSILON, p));
  });
  return sum / labels.length;
}

/**
 * Share of rows whose true class is among the `k` most probable; ties with the k-th count as in.
 * Labels are indices of classes. Throws InvalidArgumentError for a label that is none, NaN among the scores, and a k that is not an integer of at least 1.
 */
export function topAccuracy(
  labels: readonly number[],
  probabilities: readonly ArrayLike<number>[],
  k: number,
): number {
  assertSameLength('labels and probabilities', labels, probabilities);
  assertIntegerAtLeast('k', k, 1);
  let hits = 0;
  labels.forEach((label, i) => {
    assertClassRow(i, label, probabilities[i]);
    const own = probabilities[i][label];
    let above = 0;
    for (let c = 0; c < probabilities[i].length; c++) {
      if (probabilities[i][c] > own) above++;
    }
    if (above < k) hits++;
  });
  return hits / labels.length;
}
