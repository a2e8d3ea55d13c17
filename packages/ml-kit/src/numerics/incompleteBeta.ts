import {
  logGamma,
  logGammaOnePlus,
  logGammaRise,
  stirlingError,
} from './logGamma';
import { deviance } from './saddlePoint';

const TINY = 1e-300;

/** x^a y^b / B(a, b) with y = 1 - x given apart, so that neither loses digits. */
export function betaPrefix(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  if (Math.min(a, b) < 1) {
    const small = Math.min(a, b);
    const large = Math.max(a, b);
    // log of gamma(n) / gamma(large), by the difference of their Stirling formulas
    const logRatio =
      (large - 0.5) * Math.log1p(small / large) +
      small * (Math.log(n) - 1) +
      (stirlingError(n) - stirlingError(large));
    const logX = x < 0.5 ? Math.log(x) : Math.log1p(-y);
    const logY = y < 0.5 ? Math.log(y) : Math.log1p(-x);
    return Math.exp(a * logX + b * logY + logRatio - logGamma(small));
  }
  const error = stirlingError(n) - stirlingError(a) - stirlingError(b);
  return (
    Math.sqrt(((a / n) * b) / (2 * Math.PI)) *
    Math.exp(error - deviance(a, n * x) - deviance(b, n * y))
  );
}

/**
 * What the prefix is to be divided by: a continued fraction (modified Lentz), for x
 * below the mean. With y given apart, it does not cancel for large a and x near 1.
 * Source: DiDonato and Morris, ACM TOMS 18 (1992), eq. 9.
 */
function fraction(a: number, b: number, x: number, y: number): number {
  const slope = a * y - b * x;
  const partialDenominator = (m: number) =>
    m +
    (m * (b - m) * x) / (a + 2 * m - 1) +
    ((a + m) / (a + 2 * m + 1)) * (slope + 1 + m * (1 + y));
  // At m = 0 the middle term is 0 over a - 1, which may be 0 too.
  let h = (a / (a + 1)) * (slope + 1);
  if (Math.abs(h) < TINY) h = TINY;
  let c = h;
  let d = 0;
  for (let m = 1; m < 100_000; m++) {
    const odd = a + 2 * m - 1;
    const numerator =
      ((a + m - 1) / odd) * ((a + b + m - 1) / odd) * m * (b - m) * x * x;
    const denominator = partialDenominator(m);
    d = denominator + numerator * d;
    if (Math.abs(d) < TINY) d = TINY;
    d = 1 / d;
    c = denominator + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    const factor = c * d;
    h *= factor;
    if (Math.abs(factor - 1) <= 2e-16) break;
  }
  return h;
}

/** 1 - I_x(a, b) for small a and x below the mean, where I is nearly 1: the power series without its leading 1. */
function smallShapeComplement(a: number, b: number, x: number): number {
  let sum = 0;
  let term = 1;
  for (let n = 1; n < 1000; n++) {
    term *= ((n - b) / n) * x;
    const next = sum + term / (a + n);
    if (next === sum) break;
    sum = next;
  }
  const log = a * Math.log(x) - logGammaOnePlus(a) + logGammaRise(b, a);
  return -Math.expm1(log) - Math.exp(log) * a * sum;
}

/**
 * Regularised incomplete beta function I_x(a, b), 0 to 1.
 *
 * Domain a > 0, b > 0, 0 <= x <= 1; NaN otherwise. Relative error about 1e-13.
 * O(sqrt(max(a, b))) terms.
 *
 * @param y - 1 - x, to be given when it is known better than by subtraction
 * Source: DiDonato and Morris (1992), DLMF 8.17.7 (series), prefix after Loader (2000).
 */
export function regularizedBeta(
  a: number,
  b: number,
  x: number,
  y: number = 1 - x,
): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return NaN;
  if (x === 0) return 0;
  if (y === 0) return 1;
  if (x <= (a + 1) / (a + b + 2)) {
    return betaPrefix(a, b, x, y) / fraction(a, b, x, y);
  }
  return b < 0.5
    ? smallShapeComplement(b, a, y)
    : 1 - betaPrefix(b, a, y, x) / fraction(b, a, y, x);
}
