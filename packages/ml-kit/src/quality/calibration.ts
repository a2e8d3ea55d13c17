import { fitIsotonic, predictIsotonic } from '../numerics/isotonicRegression';
import type { IsotonicFit } from '../numerics/isotonicRegression';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { assertProbabilities, assertScores } from './binaryRows';
import type { BinaryLabels } from './binaryRows';

/** One bin of a reliability diagram. */
export interface CalibrationBin {
  rows: number;
  /** Mean probability that the model gave. */
  predicted: number;
  /** Share that was positive. */
  observed: number;
}

export interface Calibration {
  /** Bins with rows, by rising probability. */
  bins: CalibrationBin[];
  /** Expected calibration error: mean |predicted - observed| weighted by rows. NaN without rows. */
  expectedError: number;
  /** Largest |predicted - observed| of a bin. */
  largestError: number;
}

export interface CalibrationOptions {
  /** Default 10. */
  bins?: number;
  /** equal-count: as many rows a bin. equal-width: as wide a range of probability. Default equal-count. */
  kind?: 'equal-count' | 'equal-width';
}

/**
 * How far probabilities are from what happens.
 *
 * The error is a little above 0 even for a perfectly calibrated model with few rows
 * a bin. Equal-count bins depend on the order of equal probabilities only through ties.
 * Throws InvalidArgumentError for a probability outside of 0 to 1, and unless bins is an integer of at least 1.
 * O(n log n). Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
 */
export function calibrationOf(
  labels: BinaryLabels,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions = {},
): Calibration {
  assertProbabilities(labels, probabilities);
  const { bins = 10, kind = 'equal-count' } = options;
  assertIntegerAtLeast('bins', bins, 1);
  const n = labels.length;
  const order = Array.from(probabilities, (_, i) => i).sort(
    (a, b) => probabilities[a] - probabilities[b],
  );
  const sums = Array.from({ length: bins }, () => ({
    rows: 0,
    predicted: 0,
    observed: 0,
  }));
  order.forEach((row, rank) => {
    const position = kind === 'equal-count' ? rank / n : probabilities[row];
    const bin = sums[Math.min(bins - 1, Math.floor(position * bins))];
    bin.rows++;
    bin.predicted += probabilities[row];
    bin.observed += labels[row] ? 1 : 0;
  });
  const used = sums
    .filter(({ rows }) => rows > 0)
    .map(({ rows, predicted, observed }) => ({
      rows,
      predicted: predicted / rows,
      observed: observed / rows,
    }));
  const errors = used.map(bin => Math.abs(bin.predicted - bin.observed));
  return {
    bins: used,
    expectedError:
      errors.reduce((sum, error, i) => sum + error * used[i].rows, 0) / n,
    largestError: n > 0 ? Math.max(...errors) : NaN,
  };
}

/** A rising map from score to probability, learned from labelled rows. Throws InvalidArgumentError for NaN scores. */
export function fitCalibrator(
  labels: BinaryLabels,
  scores: ArrayLike<number>,
): IsotonicFit {
  assertScores(labels, scores);
  return fitIsotonic(
    scores,
    labels.map(label => (label ? 1 : 0)),
  );
}

/** Probability of a score under the map. */
export function calibrate(calibrator: IsotonicFit, score: number): number {
  return predictIsotonic(calibrator, score);
}
