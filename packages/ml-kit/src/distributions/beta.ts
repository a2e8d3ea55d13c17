import { findRoot } from '../numerics/findRoot';
import { betaPrefix, regularizedBeta } from '../numerics/incompleteBeta';

/** Beta distribution with mean alpha / (alpha + beta); both positive. */
export interface BetaParameters {
  alpha: number;
  beta: number;
}

/** Density at x in [0, 1] (0 outside; at the ends the limit, which may be Infinity). NaN for invalid parameters. */
export function betaPdf(x: number, { alpha, beta }: BetaParameters): number {
  if (!(alpha > 0 && beta > 0) || Number.isNaN(x)) return NaN;
  if (x < 0 || x > 1) return 0;
  if (x === 0 || x === 1) {
    const [near, far] = x === 0 ? [alpha, beta] : [beta, alpha];
    if (near < 1) return Infinity;
    return near === 1 ? far : 0;
  }
  return betaPrefix(alpha, beta, x, 1 - x) / (x * (1 - x));
}

/** Probability of at most x; 0 below 0 and 1 above 1. Relative error about 1e-13. */
export function betaCdf(x: number, { alpha, beta }: BetaParameters): number {
  return regularizedBeta(alpha, beta, Math.min(1, Math.max(0, x)));
}

/** Probability of more than x: 1 - cdf, accurate also when it is tiny. */
export function betaUpperTail(
  x: number,
  { alpha, beta }: BetaParameters,
): number {
  const inside = Math.min(1, Math.max(0, x));
  return regularizedBeta(beta, alpha, 1 - inside, inside);
}

/**
 * The x with cdf(x) = p.
 *
 * Domain 0 <= p <= 1, NaN outside. Relative error of x about 1e-13.
 * Newton's method on the logit of x and the logarithm of the smaller tail.
 */
export function betaQuantile(
  p: number,
  { alpha, beta }: BetaParameters,
): number {
  if (!(p >= 0 && p <= 1 && alpha > 0 && beta > 0)) return NaN;
  if (p === 0 || p === 1) return p;
  const isLower = p <= 0.5;
  const target = isLower ? p : 1 - p;
  const sign = isLower ? 1 : -1;
  const logit = findRoot({
    low: -745,
    high: 745,
    guess: Math.log(alpha / beta),
    evaluate(y) {
      const x = 1 / (1 + Math.exp(-y));
      const rest = 1 / (1 + Math.exp(y));
      const tail = isLower
        ? regularizedBeta(alpha, beta, x, rest)
        : regularizedBeta(beta, alpha, rest, x);
      return {
        value: sign * Math.log(tail / target),
        slope: betaPrefix(alpha, beta, x, rest) / tail,
      };
    },
  });
  return 1 / (1 + Math.exp(-logit));
}
