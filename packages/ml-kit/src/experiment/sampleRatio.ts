import { chiSquareGoodnessOfFit } from '../drift/chiSquareTests';
import type { ChiSquareResult } from '../drift/chiSquareTests';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
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

/**
 * Whether the units of the arms arrived in the planned shares: chi-square goodness of fit.
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
  const result = chiSquareGoodnessOfFit(counts, weights);
  return { ...result, isMismatch: result.pValue < alpha };
}
