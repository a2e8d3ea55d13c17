import {
  regularizedGammaP,
  regularizedGammaQ,
} from '../numerics/incompleteGamma';
import { gammaPdf, gammaQuantile } from './gamma';

/** Density at x; 0 below 0. NaN unless degreesOfFreedom > 0. */
export function chiSquarePdf(x: number, degreesOfFreedom: number): number {
  return gammaPdf(x, { shape: degreesOfFreedom / 2, scale: 2 });
}

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

/** The x with cdf(x) = p; 0 at p = 0, Infinity at p = 1, NaN outside. Relative error about 1e-13. */
export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  return gammaQuantile(p, { shape: degreesOfFreedom / 2, scale: 2 });
}
