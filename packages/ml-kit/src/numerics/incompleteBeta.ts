import { logGamma, stirlingError } from './logGamma';
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

/** Continued fraction of the incomplete beta function (modified Lentz), for x below the mean. */
function fraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let h = d;
  const step = (numerator: number) => {
    d = 1 + numerator * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    h *= d * c;
  };
  for (let m = 1; m < 100_000; m++) {
    const even = a + 2 * m;
    step((m * (b - m) * x) / ((even - 1) * even));
    const before = h;
    step((-(a + m) * (a + b + m) * x) / (even * (even + 1)));
    if (Math.abs(h - before) <= 1e-16 * Math.abs(h)) break;
  }
  return h;
}

/**
 * Regularised incomplete beta function I_x(a, b), 0 to 1.
 *
 * Domain a > 0, b > 0, 0 <= x <= 1; NaN otherwise. Relative error about 1e-13.
 * O(sqrt(max(a, b))) terms.
 *
 * @param y - 1 - x, to be given when it is known better than by subtraction
 * Source: DLMF 8.17.22 (continued fraction), prefix after Loader (2000).
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
  return x <= (a + 1) / (a + b + 2)
    ? (betaPrefix(a, b, x, y) * fraction(a, b, x)) / a
    : 1 - (betaPrefix(b, a, y, x) * fraction(b, a, y)) / b;
}
