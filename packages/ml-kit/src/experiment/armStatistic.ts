import { normalQuantile } from '../distributions/normal';
import { assertProportion } from '../numerics/assertProportion';
import { varianceOf } from '../profile/moments';
import type { Moments } from '../profile/types';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';

/**
 * One arm's estimate of a metric. Every kind of metric is brought to this form,
 * and every test works on it.
 */
export interface ArmStatistic {
  /** Independent units: users, requests. */
  n: number;
  mean: number;
  /** Of one unit, so that the variance of the mean is variance / n. */
  variance: number;
}

/** Sums over units of one value each; sums of parts add up. */
export interface ValueSums {
  n: number;
  sum: number;
  sumOfSquares: number;
}

/** Below this share of the sum of squares the variance has no digits left. */
const CANCELLED = 1e-11;

/** Squared differences from the mean, summed; NaN where the sums do not hold them any more. */
function squaresAroundMean({ n, sum, sumOfSquares }: ValueSums): number {
  const squares = sumOfSquares - sum ** 2 / n;
  if (squares > CANCELLED * sumOfSquares) return squares;
  // Sums of integers are exact, and all values the same.
  const isExact = [sumOfSquares, sum ** 2].every(Number.isSafeInteger);
  return isExact || sumOfSquares === 0 ? Math.max(0, squares) : NaN;
}

/**
 * Mean of a value, with the unbiased variance. Variance 0 for fewer than two units; mean 0 for none.
 *
 * Sums of squares lose the variance of values that are far from 0 for their spread (a million standard deviations): it is NaN then,
 * and so is every test. Take {@link momentsStatistic}, or subtract the same number from all values before adding them up. O(1).
 */
export function meanStatistic(sums: ValueSums): ArmStatistic {
  const { n, sum } = sums;
  return {
    n,
    mean: n > 0 ? sum / n : 0,
    variance: n > 1 ? squaresAroundMean(sums) / (n - 1) : 0,
  };
}

/** Mean and unbiased variance from moments, which keep them for values at any distance from 0 and add up too. Variance 0 for fewer than two units. O(1). */
export function momentsStatistic(moments: Moments): ArmStatistic {
  const { count, mean } = moments;
  return { n: count, mean, variance: varianceOf(moments) ?? 0 };
}

/** Mean and unbiased variance of values, without the cancellation of sums of squares. O(n). */
export function sampleStatistic(values: ArrayLike<number>): ArmStatistic {
  const n = values.length;
  let mean = 0;
  let m2 = 0;
  for (let i = 0; i < n; i++) {
    const delta = values[i] - mean;
    mean += delta / (i + 1);
    m2 += delta * (values[i] - mean);
  }
  return { n, mean, variance: n > 1 ? m2 / (n - 1) : 0 };
}

/** Share of successes, with variance p (1 - p). */
export function proportionStatistic(options: {
  successes: number;
  n: number;
}): ArmStatistic {
  const { successes, n } = options;
  assertProportion(successes, n);
  const mean = n > 0 ? successes / n : 0;
  return { n, mean, variance: mean * (1 - mean) };
}

/** Covariance of two values by their sums (divisor n - 1); 0 for fewer than two units. */
export function covarianceOf(options: {
  n: number;
  sumX: number;
  sumY: number;
  sumOfProducts: number;
}): number {
  const { n, sumX, sumY, sumOfProducts } = options;
  return n > 1 ? (sumOfProducts - (sumX * sumY) / n) / (n - 1) : 0;
}

export interface RatioSums {
  /** The metric's numerator, e.g. revenue of each user. */
  numerator: ValueSums;
  /** Its denominator, e.g. orders of each user. */
  denominator: ValueSums;
  /** Of numerator times denominator over units. */
  sumOfProducts: number;
}

/**
 * Ratio of two means over the same units (revenue an order, when users are what was
 * randomized), with its variance by the delta method. O(1).
 * Source: Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics, KDD 2018.
 */
export function ratioStatistic(sums: RatioSums): ArmStatistic {
  const top = meanStatistic(sums.numerator);
  const bottom = meanStatistic(sums.denominator);
  const { n } = top;
  if (bottom.mean === 0) return { n, mean: 0, variance: 0 };
  const covariance = covarianceOf({
    n,
    sumX: sums.numerator.sum,
    sumY: sums.denominator.sum,
    sumOfProducts: sums.sumOfProducts,
  });
  const ratio = top.mean / bottom.mean;
  const variance =
    (top.variance - 2 * ratio * covariance + ratio ** 2 * bottom.variance) /
    bottom.mean ** 2;
  return { n, mean: ratio, variance };
}

export interface QuantileSummary {
  n: number;
  /** Level, e.g. 0.9. */
  level: number;
  quantile: number;
  /** Ends of the 95 % interval of the quantile, see {@link quantileIntervalLevels}. */
  lower: number;
  upper: number;
  /** Units that lower and upper were taken over, default n. */
  intervalN?: number;
}

function assertLevel(level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new InvalidArgumentError(
      `level must lie between 0 and 1 (0.9 is the 90th percentile), got ${level}`,
    );
  }
}

/** Levels of the order statistics that enclose the quantile with 95 %: level -+ 1.96 sqrt(level (1 - level) / n), kept within 0 to 1. */
export function quantileIntervalLevels(
  level: number,
  n: number,
): [number, number] {
  assertLevel(level);
  const half = normalQuantile(0.975) * Math.sqrt((level * (1 - level)) / n);
  return [Math.max(0, level - half), Math.min(1, level + half)];
}

/**
 * A quantile of one arm (a p99 latency), its variance read off the width of its own 95 % interval.
 * Take quantile, lower and upper from the values or from any sketch. O(1).
 * Source: Deng, Knoblich and Lu (2018), section 4.
 */
export function quantileStatistic(summary: QuantileSummary): ArmStatistic {
  const { n, quantile, lower, upper, intervalN = n } = summary;
  assertLevel(summary.level);
  const deviation = (upper - lower) / (2 * normalQuantile(0.975));
  const variance = n > 1 ? (intervalN / n) * (n - 1) * deviation ** 2 : 0;
  return {
    n,
    mean: quantile,
    // With many units an interval of no width means a coarse sketch, not certainty.
    variance: n < 100 ? variance : Math.max(variance, 1e-5),
  };
}

/** The same from the values themselves. O(n log n). */
export function sampleQuantileStatistic(
  values: ArrayLike<number>,
  level: number,
): ArmStatistic {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const at = (q: number) =>
    sorted[Math.min(n - 1, Math.max(0, Math.ceil(q * n) - 1))];
  const [lower, upper] = quantileIntervalLevels(level, n);
  return quantileStatistic({
    n,
    level,
    quantile: at(level),
    lower: at(lower),
    upper: at(upper),
  });
}
