import { assertConfidence } from '../numerics/assertConfidence';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, nextInteger } from '../random/random';
import { bcaInterval, jackknifeAcceleration } from './bcaInterval';

export interface BootstrapOptions {
  /** Rows of the data set. */
  rows: number;
  /** The measure over the rows with the given indices; with repetitions. NaN when it is not defined for them. */
  measure(indices: Int32Array): number;
  /** Default 1000, at least 2. */
  resamples?: number;
  /** Default 1. */
  seed?: number;
  /** Between 0 and 1, default 0.95. */
  confidence?: number;
  /** Groups left out at once for the acceleration, default min(rows, 100). */
  jackknifeGroups?: number;
}

export interface BootstrapResult {
  estimate: number;
  interval: [number, number];
  /** Standard deviation over the resamples. */
  standardError: number;
  method: 'bootstrap-bca';
}

/**
 * Interval of any measure by resampling rows: bias-corrected and accelerated.
 *
 * Rows that all give the same have an interval without width, however few they are: for shares take wilsonInterval, for a
 * comparison pairedBootstrap, for an area under the curve deLongInterval.
 * Resamples on which the measure is NaN (a class is missing) are left out. The same seed gives the same interval.
 * Throws InvalidArgumentError for options out of range, when the measure of the whole data set is NaN, and when it is
 * NaN on all resamples but one: then it is not defined often enough for an interval. O((resamples + groups) * measure). Source: Efron, JASA 82 (1987).
 */
export function bootstrapInterval(options: BootstrapOptions): BootstrapResult {
  const { rows, measure, resamples = 1000, seed = 1 } = options;
  const { confidence = 0.95 } = options;
  assertIntegerAtLeast('rows', rows, 1);
  assertIntegerAtLeast('resamples', resamples, 2);
  assertConfidence(confidence);
  const { jackknifeGroups = Math.min(rows, 100) } = options;
  assertIntegerAtLeast('jackknifeGroups', jackknifeGroups, 1);
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const estimate = measure(all);
  if (Number.isNaN(estimate)) {
    throw new InvalidArgumentError(
      'The measure of all rows is NaN, expected a number',
    );
  }
  const random = createRandom(seed);
  const drawn = new Int32Array(rows);
  const resampled = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < rows; i++) drawn[i] = nextInteger(random, rows);
    return measure(drawn);
  }).filter(value => !Number.isNaN(value));
  if (resampled.length < 2) {
    throw new InvalidArgumentError(
      `The measure is NaN on ${
        resamples - resampled.length
      } of ${resamples} resamples, expected a number on two or more`,
    );
  }
  const leaveOut = Float64Array.from({ length: jackknifeGroups }, (_, group) =>
    measure(all.filter(row => row % jackknifeGroups !== group)),
  ).filter(value => !Number.isNaN(value));
  const mean = resampled.reduce((a, b) => a + b, 0) / resampled.length;
  const squares = resampled.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return {
    estimate,
    interval: bcaInterval({
      estimate,
      resampled,
      acceleration: jackknifeAcceleration(leaveOut),
      confidence,
    }),
    standardError: Math.sqrt(squares / (resampled.length - 1)),
    method: 'bootstrap-bca',
  };
}
