import { assertConfidence } from '../numerics/assertConfidence';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, nextInteger } from '../random/random';
import { bcaInterval, jackknifeAcceleration } from './bcaInterval';

export interface PairedBootstrapOptions {
  /** Score of each row under the base, e.g. 1 for a right class, or the absolute error. */
  base: ArrayLike<number>;
  /** Score of the same rows under the candidate. */
  candidate: ArrayLike<number>;
  higherIsBetter: boolean;
  /** Default 2000. */
  resamples?: number;
  /** Default 1. */
  seed?: number;
  /** Of the interval, default 0.95. */
  confidence?: number;
}

export interface PairedBootstrapResult {
  /** Mean of candidate - base (base - candidate when lower is better): positive is better. */
  improvement: number;
  interval: [number, number];
  method: 'paired-bootstrap-bca';
}

/**
 * How much better a candidate scores than a base on the same rows, with a
 * bias-corrected and accelerated bootstrap interval. Rows are resampled in
 * pairs, so what makes a row hard for both does not widen the interval.
 *
 * Equal scores give improvement 0 and interval [0, 0]; a single row gives an interval of
 * its one difference. The same seed gives the same interval.
 * Throws InvalidArgumentError when the lengths differ, are 0, a score is not finite, or an option is out of range.
 * O(rows * resamples). Source: Efron, JASA 82 (1987).
 */
export function pairedBootstrap(
  options: PairedBootstrapOptions,
): PairedBootstrapResult {
  const { base, candidate, higherIsBetter } = options;
  const { resamples = 2000, seed = 1, confidence = 0.95 } = options;
  assertIntegerAtLeast('resamples', resamples, 1);
  assertConfidence(confidence);
  const n = base.length;
  if (n === 0 || candidate.length !== n) {
    throw new InvalidArgumentError(
      `Expected the scores of the same rows, at least one; got ${n} of the base and ${candidate.length} of the candidate`,
    );
  }
  const gains = Float64Array.from({ length: n }, (_, i) =>
    higherIsBetter ? candidate[i] - base[i] : base[i] - candidate[i],
  );
  let sum = 0;
  gains.forEach((gain, i) => {
    if (!Number.isFinite(gain)) {
      throw new InvalidArgumentError(
        `The scores of row ${i} are ${base[i]} and ${candidate[i]}, expected finite numbers`,
      );
    }
    sum += gain;
  });
  const random = createRandom(seed);
  const resampled = Float64Array.from({ length: resamples }, () => {
    let total = 0;
    for (let i = 0; i < n; i++) total += gains[nextInteger(random, n)];
    return total / n;
  });
  const leaveOneOut = gains.map(gain => (sum - gain) / Math.max(1, n - 1));
  const improvement = sum / n;
  return {
    improvement,
    interval: bcaInterval({
      estimate: improvement,
      resampled,
      acceleration: jackknifeAcceleration(leaveOneOut),
      confidence,
    }),
    method: 'paired-bootstrap-bca',
  };
}
