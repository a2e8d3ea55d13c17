import { fitIsotonic, predictIsotonic } from '../numerics/isotonicRegression';
import type { IsotonicFit } from '../numerics/isotonicRegression';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { sortedQuantile } from '../numerics/sortedQuantile';
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
  /** equal-count: bins cut at quantiles, as many rows a bin as equal probabilities allow. equal-width: as wide a range of probability. Default equal-count. */
  kind?: 'equal-count' | 'equal-width';
}

/** Inner cuts between the bins, ascending: quantiles of the probabilities, or equal steps. */
function cutsOf(
  sorted: Float64Array,
  bins: number,
  kind: 'equal-count' | 'equal-width',
): number[] {
  return Array.from({ length: bins - 1 }, (_, i) => {
    const share = (i + 1) / bins;
    return kind === 'equal-width' ? share : sortedQuantile(sorted, share);
  });
}

/**
 * How far probabilities are from what happens: the reliability diagram and the
 * expected calibration error (ECE).
 *
 * A probability decides alone in which bin its row is, and one that equals a cut is in the bin
 * below it: rows of equal probability are never parted, so that neither the order of the rows
 * nor the choice of a bin for half of them changes the error. With few distinct probabilities
 * there are fewer bins than asked for. As scikit-learn's calibration_curve with quantile or uniform bins.
 *
 * The error is a little above 0 even for a perfectly calibrated model with few rows a bin.
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
  const cuts =
    n > 0
      ? cutsOf(
          Float64Array.from(order, row => probabilities[row]),
          bins,
          kind,
        )
      : [];
  const sums = Array.from({ length: bins }, () => ({
    rows: 0,
    predicted: 0,
    observed: 0,
  }));
  let at = 0;
  for (const row of order) {
    while (at < cuts.length && probabilities[row] > cuts[at]) at++;
    sums[at].rows++;
    sums[at].predicted += probabilities[row];
    sums[at].observed += labels[row] ? 1 : 0;
  }
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
