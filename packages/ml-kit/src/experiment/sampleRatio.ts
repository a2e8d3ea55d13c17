import { chiSquareGoodnessOfFit } from '../drift/chiSquareTests';
import type { ChiSquareResult } from '../drift/chiSquareTests';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { logGamma } from '../numerics/logGamma';
import { assertSameLength } from '../numerics/assertSameLength';

export interface SampleRatioResult extends ChiSquareResult {
  /** True below the alarm level: then the assignment or the logging is broken, and no result can be trusted. */
  isMismatch: boolean;
}

function assertShares(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= 0 && values[i] < Infinity)) {
      throw new InvalidArgumentError(
        `${name}[${i}] is ${values[i]}; give a finite number of 0 or more for every arm`,
      );
    }
  }
}

function assertSampleRatio(
  counts: ArrayLike<number>,
  weights: ArrayLike<number>,
  alpha: number,
): void {
  assertSameLength('counts and weights', counts, weights);
  assertShares('counts', counts);
  assertShares('weights', weights);
  if (!Array.from(weights).some(weight => weight > 0)) {
    throw new InvalidArgumentError(
      'weights has no positive share; give at least one arm a weight above 0',
    );
  }
  if (!(alpha >= 0 && alpha <= 1)) {
    throw new InvalidArgumentError(
      `alpha is ${alpha}; give an alarm level of 0 to 1`,
    );
  }
}

/**
 * Whether the units of the arms arrived in the planned shares: chi-square goodness of fit, for one
 * look with five expected units an arm and more. To look while they arrive, and at arms of a hundredth,
 * use {@link sequentialSampleRatio}.
 *
 * Without any units, or with one arm only, pValue is NaN and there is no mismatch. Throws
 * InvalidArgumentError for a negative or infinite count or weight, for lists of different lengths,
 * when no weight is positive, and for an alpha outside 0 to 1.
 *
 * @param counts - units an arm
 * @param weights - planned shares, any scale. An arm of weight 0 that has units is a mismatch for sure.
 * @param alpha - alarm level, default 0.001, because it is looked at often
 */
export function sampleRatioMismatch(
  counts: ArrayLike<number>,
  weights: ArrayLike<number>,
  alpha = 0.001,
): SampleRatioResult {
  assertSampleRatio(counts, weights, alpha);
  const result = chiSquareGoodnessOfFit(counts, weights);
  return { ...result, isMismatch: result.pValue < alpha };
}

/** As many units are believed to have arrived in the planned shares beforehand: the more, the smaller the mismatch that is seen soonest. */
const PRIOR_UNITS = 100;

/**
 * The same, looked at as often as one likes: the chance that pValue is ever below alpha is at most alpha when
 * the units arrive in the planned shares. Exact for any number of units and any shares.
 *
 * pValue is 1 without any units. Throws InvalidArgumentError as {@link sampleRatioMismatch} does.
 * Source: Lindon and Malek, Anytime-Valid Inference For Multinomial Count Data, NeurIPS 2022.
 *
 * @param counts - units an arm
 * @param weights - planned shares, any scale. An arm of weight 0 that has units is a mismatch for sure.
 * @param alpha - alarm level, default 0.001
 */
export function sequentialSampleRatio(
  counts: ArrayLike<number>,
  weights: ArrayLike<number>,
  alpha = 0.001,
): { pValue: number; isMismatch: boolean } {
  assertSampleRatio(counts, weights, alpha);
  const whole = Array.from(weights).reduce((a, b) => a + b, 0);
  let units = 0;
  // Natural logarithm of how much likelier the counts are with any other shares.
  let evidence = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (count === 0) continue;
    const share = weights[i] / whole;
    const prior = PRIOR_UNITS * share;
    units += count;
    evidence +=
      share === 0
        ? Infinity
        : logGamma(prior + count) - logGamma(prior) - count * Math.log(share);
  }
  evidence += logGamma(PRIOR_UNITS) - logGamma(PRIOR_UNITS + units);
  const pValue = Math.min(1, Math.exp(-evidence));
  return { pValue, isMismatch: pValue < alpha };
}
