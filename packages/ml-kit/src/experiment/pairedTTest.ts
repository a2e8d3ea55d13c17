import { studentTCdf, studentTQuantile } from '../distributions/studentT';
import { assertAlpha } from '../numerics/assertAlpha';
import { assertOneOf } from '../numerics/assertOneOf';
import { assertSameLength } from '../numerics/assertSameLength';
import { sampleStatistic } from './armStatistic';
import type { Alternative } from './effect';

export interface PairedTTestResult {
  /** Student's t of the differences. */
  statistic: number;
  degreesOfFreedom: number;
  pValue: number;
  /** Mean of second - first. */
  estimate: number;
  interval: [number, number];
}

/**
 * Paired t test: whether the second value of each pair is larger on average. For scores of the same rows, or the same
 * units before and after. 'greater' means that the second is larger.
 *
 * NaN with fewer than two pairs, and where all differences are equal: nothing is known of their spread.
 * Throws InvalidArgumentError for different lengths and options out of range. O(pairs). Source: Student, Biometrika 6 (1908).
 */
export function pairedTTest(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: { alpha?: number; alternative?: Alternative } = {},
): PairedTTestResult {
  const { alpha = 0.05, alternative = 'two-sided' } = options;
  assertSameLength('first and second', first, second);
  assertAlpha(alpha);
  assertOneOf('alternative', alternative, ['two-sided', 'greater', 'less']);
  const { n, mean, variance } = sampleStatistic(
    Float64Array.from(first, (value, i) => second[i] - value),
  );
  const degreesOfFreedom = n - 1;
  const error = n > 1 && variance > 0 ? Math.sqrt(variance / n) : NaN;
  const t = mean / error;
  const margin = (level: number) =>
    Number.isNaN(t)
      ? NaN
      : error * studentTQuantile(1 - level, degreesOfFreedom);
  const result = { statistic: t, degreesOfFreedom, estimate: mean };
  if (alternative === 'two-sided') {
    const half = margin(alpha / 2);
    return {
      ...result,
      pValue: 2 * studentTCdf(-Math.abs(t), degreesOfFreedom),
      interval: [mean - half, mean + half],
    };
  }
  const isGreater = alternative === 'greater';
  const half = margin(alpha);
  return {
    ...result,
    pValue: studentTCdf(isGreater ? -t : t, degreesOfFreedom),
    interval: isGreater ? [mean - half, Infinity] : [-Infinity, mean + half],
  };
}
