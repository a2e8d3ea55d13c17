import { normalCdf } from '../distributions/normal';
import type { ArmStatistic } from './armStatistic';
import { effectOf } from './effect';
import type { EffectTest, EffectTestOptions } from './effect';

export interface SequentialTestOptions extends EffectTestOptions {
  /** Units of both arms at which the interval is tightest; a guess of the final size. Default 5000. */
  tuningN?: number;
}

export interface SequentialTest extends EffectTest {
  /** Evidence against no effect: under none its mean is 1 at any stopping time, so 1/alpha is a rare event. */
  eValue: number;
}

/**
 * Test of treatment against control that may be looked at as often as one likes,
 * and stopped whenever one likes: the interval covers the true effect at all times
 * together with 1 - alpha, and pValue is valid at any time.
 *
 * That holds in the limit of many units, because the variance is estimated. In numbers, at alpha 0.05
 * and up to 100 looks at normal values: with `tuningN` 500 or more at most 3 % of experiments without
 * effect raise an alarm, even when the first look is at 2 units an arm. With `tuningN` 100 it takes a
 * first look at 5 units an arm (4 %; at 2 units 7 %), with 50 one at 10 units (3 %; at 2 units 10 %).
 *
 * pValue and eValue test the absolute difference, whatever `kind` is: decide by them. `kind` is only
 * the scale of estimate, standardError and interval. A relative interval is an approximation by the
 * delta method: for rare events it can leave out 0 while pValue is above alpha, so it is no test.
 *
 * Wider than Welch's interval: by about 1.5 at `tuningN`. NaN when the standard error is 0 or not known;
 * relative to a control mean of 0 only estimate, standard error and interval are NaN.
 * A pValue may rise again; keep the smallest seen for a monitor.
 * Source: Waudby-Smith et al., Time-uniform central limit theory, arXiv 2103.06476, eq. 9, 155 and 161.
 */
export function sequentialTest(
  control: ArmStatistic,
  treatment: ArmStatistic,
  options: SequentialTestOptions = {},
): SequentialTest {
  const { alpha = 0.05, alternative = 'two-sided' } = options;
  const { tuningN = 5000 } = options;
  const effect = effectOf(control, treatment, options);
  const { n, estimate, standardError } = effect;
  // The relative standard error shrinks whenever the treatment mean happens to be
  // near 0, so that its ratio raises false alarms for rare events.
  const absolute = effectOf(control, treatment, { kind: 'absolute' });
  const isUsable =
    absolute.standardError > 0 && Math.min(control.n, treatment.n) > 1;
  const isTwoSided = alternative === 'two-sided';
  const level = isTwoSided ? alpha : 2 * alpha;
  const logLevel = -2 * Math.log(level);
  const rho = Math.sqrt((logLevel + Math.log(logLevel + 1)) / tuningN);
  const spread = n * rho ** 2 + 1;
  const bound = isTwoSided
    ? Math.log(Math.sqrt(spread) / alpha)
    : Math.log(1 + Math.sqrt(spread) / (2 * alpha));
  const half = isUsable
    ? standardError *
      Math.sqrt(n) *
      Math.sqrt((2 * spread * bound) / (n * rho) ** 2)
    : NaN;
  const z = isUsable ? absolute.estimate / absolute.standardError : NaN;
  const logE = (rho ** 2 * n * z ** 2) / (2 * spread) - Math.log(spread) / 2;
  if (isTwoSided) {
    return {
      ...effect,
      eValue: Math.exp(logE),
      pValue: Math.min(1, Math.exp(-logE)),
      interval: [estimate - half, estimate + half],
    };
  }
  const isGreater = alternative === 'greater';
  const toward = isGreater ? z : -z;
  return {
    ...effect,
    // The mixture of the two-sided test, over effects of one sign only
    eValue:
      2 * Math.exp(logE) * normalCdf(toward * rho * Math.sqrt(n / spread)),
    pValue: oneSidedPValue(toward, n * rho ** 2, spread),
    interval: isGreater
      ? [estimate - half, Infinity]
      : [-Infinity, estimate + half],
  };
}

/** The level at which the one-sided bound, whose mixture is fixed, would just exclude 0: 1 / eValue or a little more. */
function oneSidedPValue(z: number, scaled: number, spread: number): number {
  if (Number.isNaN(z)) return NaN;
  if (z <= 0) return 1;
  const excess = Math.expm1((scaled * z * z) / (2 * spread));
  return Math.min(1, Math.sqrt(spread) / (2 * excess));
}
