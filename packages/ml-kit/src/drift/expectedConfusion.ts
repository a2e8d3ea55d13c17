import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { predictIsotonic } from '../numerics/isotonicRegression';
import type { IsotonicFit } from '../numerics/isotonicRegression';
import type { ConfusionMatrix } from '../quality/confusion';

/** Matrix of no rows. */
export function emptyConfusionMatrix(
  classes: readonly (string | number)[],
): ConfusionMatrix {
  return {
    classes: classes.map(String),
    counts: classes.map(() => new Array<number>(classes.length).fill(0)),
  };
}

/**
 * Adds a row without a label in place: it counts for every true class by its
 * probability. Give the result to `classificationQuality`, and every measure of a
 * classifier of many classes is the one to be expected if the probabilities are right.
 * Calibrate them first, see {@link calibrateClasses}; show the result as estimated.
 *
 * Throws InvalidArgumentError unless there is one probability a class and the predicted
 * index is one of them. A row whose probabilities do not have a positive finite sum is left out.
 * O(classes). Source: NannyML's CBPE for several classes.
 */
export function addToExpectedConfusion(
  matrix: ConfusionMatrix,
  probabilities: ArrayLike<number>,
  predicted: number,
): void {
  const { counts } = matrix;
  if (probabilities.length !== counts.length || !(predicted in counts)) {
    throw new InvalidArgumentError(
      `Expected ${
        counts.length
      } probabilities and a predicted class from 0 to ${
        counts.length - 1
      }, got ${probabilities.length} and ${predicted}`,
    );
  }
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += probabilities[i];
  if (!(total > 0 && total < Infinity)) return;
  for (let i = 0; i < counts.length; i++) {
    counts[i][predicted] += probabilities[i] / total;
  }
}

/** Matrix of the rows of both, as a new object. Throws InvalidArgumentError when the classes differ. */
export function mergeConfusionMatrices(
  a: ConfusionMatrix,
  b: ConfusionMatrix,
): ConfusionMatrix {
  if (a.classes.join('\n') !== b.classes.join('\n')) {
    throw new InvalidArgumentError(
      `Cannot merge matrices of the classes ${a.classes.join(
        ', ',
      )} and ${b.classes.join(', ')}`,
    );
  }
  return {
    classes: a.classes,
    counts: a.counts.map((row, i) =>
      row.map((count, j) => count + b.counts[i][j]),
    ),
  };
}

/**
 * Probabilities of all classes by one calibrator each (see `fitCalibrator`, fitted
 * one class against the others), scaled to add up to 1. Without any mass left: all equal.
 */
export function calibrateClasses(
  calibrators: readonly IsotonicFit[],
  scores: ArrayLike<number>,
): number[] {
  const raw = calibrators.map((fit, i) => predictIsotonic(fit, scores[i]));
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map(p => (total > 0 ? p / total : 1 / raw.length));
}
