import { findRoot } from '../numerics/findRoot';
import { regularizedBeta } from '../numerics/incompleteBeta';
import { stirlingError } from '../numerics/logGamma';
import { normalCdf, normalPdf, normalQuantile } from './normal';

/** Density at t with `degreesOfFreedom` > 0; the normal density at Infinity. NaN for invalid parameters. */
export function studentTPdf(t: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom === Infinity) return normalPdf(t);
  if (!(degreesOfFreedom > 0)) return NaN;
  const a = degreesOfFreedom / 2;
  const ratio = (t / degreesOfFreedom) * t;
  const logRatio =
    ratio === Infinity
      ? 2 * Math.log(Math.abs(t)) - Math.log(degreesOfFreedom)
      : Math.log1p(ratio);
  const logGammaRatio =
    a * Math.log1p(0.5 / a) +
    0.5 * Math.log(a) -
    0.5 +
    (stirlingError(a + 0.5) - stirlingError(a));
  return (
    Math.exp(logGammaRatio - (a + 0.5) * logRatio) /
    Math.sqrt(degreesOfFreedom * Math.PI)
  );
}

/** Probability of more than |t|, one side: at most 1/2. */
function tailBeyond(t: number, degreesOfFreedom: number): number {
  // From here on the tail is a power, to all digits; t * t would overflow.
  const far = 1e10 * Math.sqrt(degreesOfFreedom);
  if (Math.abs(t) > far && far < Infinity) {
    return (
      tailBeyond(far, degreesOfFreedom) *
      (far / Math.abs(t)) ** degreesOfFreedom
    );
  }
  const square = t * t;
  if (square === Infinity) return 0;
  const sum = degreesOfFreedom + square;
  return (
    0.5 *
    regularizedBeta(
      degreesOfFreedom / 2,
      0.5,
      degreesOfFreedom / sum,
      square / sum,
    )
  );
}

/**
 * Probability of at most t.
 *
 * Domain degreesOfFreedom > 0, any fraction; Infinity is the normal distribution; NaN otherwise.
 * Relative error about 1e-13 in the tails, for any t and any degreesOfFreedom.
 */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom === Infinity) return normalCdf(t);
  const tail = tailBeyond(t, degreesOfFreedom);
  return t > 0 ? 1 - tail : tail;
}

/** Probability of more than t: 1 - cdf, accurate also when it is tiny. */
export function studentTUpperTail(t: number, degreesOfFreedom: number): number {
  return studentTCdf(-t, degreesOfFreedom);
}

/**
 * The t with cdf(t) = p.
 *
 * Domain 0 <= p <= 1 (the infinities at its ends, and where t is too large for a double), NaN outside. Relative error about 1e-12:
 * near the median the probability between 0 and t is inverted, in the tails the tail.
 */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom === Infinity) return normalQuantile(p);
  if (!(p >= 0 && p <= 1 && degreesOfFreedom > 0)) return NaN;
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const isCentral = tail > 0.25;
  const target = isCentral ? Math.abs(p - 0.5) : tail;
  const sign = isCentral ? 1 : -1;
  if (tailBeyond(Number.MAX_VALUE, degreesOfFreedom) > target && !isCentral) {
    return p < 0.5 ? -Infinity : Infinity;
  }
  const logT = findRoot({
    low: -745,
    high: 709.78,
    guess: Math.log(Math.abs(normalQuantile(tail))),
    evaluate(y) {
      const t = Math.exp(y);
      const square = t * t;
      const sum = degreesOfFreedom + square;
      const probability = isCentral
        ? 0.5 *
          regularizedBeta(
            0.5,
            degreesOfFreedom / 2,
            square / sum,
            degreesOfFreedom / sum,
          )
        : tailBeyond(t, degreesOfFreedom);
      return {
        value: sign * Math.log(probability / target),
        slope: (t * studentTPdf(t, degreesOfFreedom)) / probability,
      };
    },
  });
  return p < 0.5 ? -Math.exp(logT) : Math.exp(logT);
}
