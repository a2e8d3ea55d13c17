import { normalCdf, normalQuantile } from '../distributions/normal';
import { sortedQuantile } from '../numerics/sortedQuantile';

/** Third central moment over 6 (second)^1.5 of the jackknife estimates; 0 when they do not vary. */
export function jackknifeAcceleration(leaveOneOut: ArrayLike<number>): number {
  const n = leaveOneOut.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += leaveOneOut[i] / n;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < n; i++) {
    const deviation = mean - leaveOneOut[i];
    squares += deviation ** 2;
    cubes += deviation ** 3;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

export interface BcaOptions {
  /** The statistic on the data itself. */
  estimate: number;
  /** The statistic on each resample. */
  resampled: ArrayLike<number>;
  acceleration: number;
  /** Default 0.95. */
  confidence?: number;
}

/**
 * Bias-corrected and accelerated bootstrap interval of a statistic.
 *
 * Ties with the estimate count half towards the bias, so that statistics with
 * few values (accuracy of a small sample) are not pushed to one side.
 * Resamples that are NaN are left out; without any other the interval is the estimate itself.
 *
 * O(resamples log resamples). Source: Efron, JASA 82 (1987).
 */
export function bcaInterval(options: BcaOptions): [number, number] {
  const { estimate, acceleration, confidence = 0.95 } = options;
  const sorted = Float64Array.from(options.resampled)
    .filter(value => !Number.isNaN(value))
    .sort();
  const count = sorted.length;
  if (count === 0 || sorted[0] === sorted[count - 1]) {
    return count === 0 ? [estimate, estimate] : [sorted[0], sorted[0]];
  }
  let below = 0;
  for (const value of sorted) {
    if (value < estimate) below += 1;
    else if (value === estimate) below += 0.5;
  }
  const share = Math.min(count - 0.5, Math.max(0.5, below)) / count;
  const bias = normalQuantile(share);
  const at = (p: number) => {
    const shifted = bias + normalQuantile(p);
    const level = normalCdf(bias + shifted / (1 - acceleration * shifted));
    return sortedQuantile(sorted, level);
  };
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}
