import {
  regularizedGammaP,
  regularizedGammaQ,
} from '../numerics/incompleteGamma';

/**
 * Probability that a chi-square variable with `degreesOfFreedom` is at most x.
 *
 * Domain degreesOfFreedom > 0; 0 for x <= 0; NaN for NaN. Relative error about 1e-13.
 */
export function chiSquareCdf(x: number, degreesOfFreedom: number): number {
  return regularizedGammaP(degreesOfFreedom / 2, Math.max(0, x) / 2);
}

/** Probability that a chi-square variable is above x: 1 - cdf, accurate also when it is tiny. */
export function chiSquareUpperTail(
  x: number,
  degreesOfFreedom: number,
): number {
  return regularizedGammaQ(degreesOfFreedom / 2, Math.max(0, x) / 2);
}
