import { logGamma, logGammaOnePlus, stirlingError } from './logGamma';
import { deviance } from './saddlePoint';

const EPSILON = 1e-17;
const TINY = 1e-300;

/** x^a e^-x / gamma(a) without the cancellation that logarithms of large a bring. */
export function gammaPrefix(a: number, x: number): number {
  if (a < 1) {
    return Math.exp(a * Math.log(x) - x - logGamma(a));
  }
  return (
    Math.sqrt(a / (2 * Math.PI)) * Math.exp(-stirlingError(a) - deviance(a, x))
  );
}

/** Lower tail by its power series: for x < a + 1. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  let denominator = a;
  do {
    denominator += 1;
    term *= x / denominator;
    sum += term;
  } while (term > sum * EPSILON);
  return sum * gammaPrefix(a, x);
}

/** Upper tail for small a and x < a + 1, where the lower one is nearly 1: its series without the leading 1. */
function smallShapeUpper(a: number, x: number): number {
  let sum = 0;
  let term = 1;
  for (let n = 1; n < 1000; n++) {
    term *= -x / n;
    const next = sum + term / (a + n);
    if (next === sum) break;
    sum = next;
  }
  const log = a * Math.log(x) - logGammaOnePlus(a);
  return -Math.expm1(log) - Math.exp(log) * a * sum;
}

/** Upper tail by its continued fraction (modified Lentz): for x >= a + 1. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 100_000; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < 2e-16) break;
  }
  return h * gammaPrefix(a, x);
}

/**
 * Regularised lower incomplete gamma function P(a, x), 0 to 1.
 *
 * Domain a > 0, x >= 0; NaN otherwise; 1 at x = Infinity.
 * Relative error about 1e-13. O(sqrt(a)) terms around x = a.
 * Source: DLMF 8.11.4 and 8.7.1 (series), 8.9.2 (continued fraction), prefix after Loader (2000).
 */
export function regularizedGammaP(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return NaN;
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x);
}

/** Regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), accurate in its own tail. */
export function regularizedGammaQ(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return NaN;
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  if (x >= a + 1) return upperFraction(a, x);
  return a < 0.5 ? smallShapeUpper(a, x) : 1 - lowerSeries(a, x);
}
