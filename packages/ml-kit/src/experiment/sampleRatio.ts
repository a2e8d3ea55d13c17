import { chiSquareGoodnessOfFit } from '../drift/chiSquareTests';
import type { ChiSquareResult } from '../drift/chiSquareTests';

export interface SampleRatioResult extends ChiSquareResult {
  /** True below the alarm level: then the assignment or the logging is broken, and no result can be trusted. */
  isMismatch: boolean;
}

/**
 * Whether the units of the arms arrived in the planned shares: chi-square goodness of fit.
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
  const result = chiSquareGoodnessOfFit(counts, weights);
  return { ...result, isMismatch: result.pValue < alpha };
}
