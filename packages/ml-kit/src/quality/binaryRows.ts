import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { assertSameLength } from '../numerics/assertSameLength';

/** The class of each row: 1 or true is the positive one, 0 or false the negative one; anything else throws InvalidArgumentError. */
export type BinaryLabels = readonly (boolean | number)[];

/** Throws InvalidArgumentError, naming the row, unless every label is 0, 1, false or true; `name` begins the message. */
export function assertBinaryLabels(name: string, labels: BinaryLabels): void {
  labels.forEach((label, row) => {
    if (label !== true && label !== false && label !== 0 && label !== 1) {
      throw new InvalidArgumentError(
        `The ${name} of row ${row} is ${label}, expected 1 or true for the positive class, 0 or false for the other`,
      );
    }
  });
}

/** Throws InvalidArgumentError, naming the row, unless labels are binary and every score is a number; infinities have a rank. */
export function assertScores(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
): void {
  assertSameLength('labels and scores', labels, scores);
  assertBinaryLabels('label', labels);
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(Number(scores[i]))) {
      throw new InvalidArgumentError(
        `The score of row ${i} is NaN, expected a number`,
      );
    }
  }
}

/** Throws InvalidArgumentError, naming the row, unless labels are binary and every probability is from 0 to 1. */
export function assertProbabilities(
  labels: BinaryLabels,
  probabilities: ArrayLike<number>,
): void {
  assertSameLength('labels and probabilities', labels, probabilities);
  assertBinaryLabels('label', labels);
  for (let i = 0; i < probabilities.length; i++) {
    if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) {
      throw new InvalidArgumentError(
        `The probability of row ${i} is ${probabilities[i]}, expected 0 to 1`,
      );
    }
  }
}
