import { findRoot } from '../numerics/findRoot';
import {
  gammaPrefix,
  regularizedGammaP,
  regularizedGammaQ,
} from '../numerics/incompleteGamma';

/** Gamma distribution with mean `shape * scale`; both positive. */
export interface GammaParameters {
  shape: number;
  /** Default 1. */
  scale?: number;
}

/** Density at x. 0 below 0; at 0 the limit (Infinity for shape < 1). NaN for invalid parameters. */
export function gammaPdf(x: number, parameters: GammaParameters): number {
  const { shape, scale = 1 } = parameters;
  if (!(shape > 0 && scale > 0) || Number.isNaN(x)) return NaN;
  if (x < 0 || x === Infinity) return 0;
  if (x === 0) {
    if (shape < 1) return Infinity;
    return shape === 1 ? 1 / scale : 0;
  }
  return gammaPrefix(shape, x / scale) / x;
}

/** Probability of at most x. 0 for x <= 0; NaN for invalid parameters. Relative error about 1e-13. */
export function gammaCdf(x: number, parameters: GammaParameters): number {
  const { shape, scale = 1 } = parameters;
  return scale > 0 ? regularizedGammaP(shape, Math.max(0, x) / scale) : NaN;
}

/** Probability of more than x: 1 - cdf, accurate also when it is tiny. */
export function gammaUpperTail(x: number, parameters: GammaParameters): number {
  const { shape, scale = 1 } = parameters;
  return scale > 0 ? regularizedGammaQ(shape, Math.max(0, x) / scale) : NaN;
}

/** Wilson and Hilferty's approximation is good enough to start from. */
function guessLog(shape: number, p: number): number {
  const spread = 1 / (9 * shape);
  const z = Math.sign(p - 0.5) * Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const root = 1 - spread + 0.8 * z * Math.sqrt(spread);
  return root > 0.1 ? Math.log(shape * root ** 3) : Math.log(shape) - 2;
}

/**
 * The x with cdf(x) = p.
 *
 * Domain 0 <= p <= 1, NaN outside; 0 at p = 0, Infinity at p = 1. Relative error about 1e-13.
 * Newton's method on the logarithms of x and of the smaller tail, a handful of cdf evaluations.
 */
export function gammaQuantile(p: number, parameters: GammaParameters): number {
  const { shape, scale = 1 } = parameters;
  if (!(p >= 0 && p <= 1 && shape > 0 && scale > 0)) return NaN;
  if (p === 0) return 0;
  if (p === 1) return Infinity;
  const isLower = p <= 0.5;
  const target = isLower ? p : 1 - p;
  const sign = isLower ? 1 : -1;
  const y = findRoot({
    low: -745,
    high: 709,
    guess: guessLog(shape, p),
    evaluate(logX) {
      const x = Math.exp(logX);
      const tail = isLower
        ? regularizedGammaP(shape, x)
        : regularizedGammaQ(shape, x);
      return {
        value: sign * Math.log(tail / target),
        slope: gammaPrefix(shape, x) / tail,
      };
    },
  });
  return Math.exp(y) * scale;
}
