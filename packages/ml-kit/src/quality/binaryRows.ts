import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { assertSameLength } from '../numerics/assertSameLength';

/** The class of each row: 1 or true is the positive one, 0 or false the negative one. */
export type BinaryLabels = readonly (boolean | number)[];

/** Throws InvalidArgumentError, naming the row, unless every score is a number; infinities have a rank. */
export function assertScores(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
): void {
  assertSameLength('labels and scores', labels, scores);
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(Number(scores[i]))) {
      throw new InvalidArgumentError(
        `The score of row ${i} is NaN, expected a number`,
      );
    }
  }
}
