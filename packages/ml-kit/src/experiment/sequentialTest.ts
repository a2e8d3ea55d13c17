import { normalCdf } from '../distributions/normal';
import type { ArmStatistic } from './armStatistic';
import { assertPositiveFinite } from '../numerics/assertPositiveFinite';
import { assertEffectOptions, effectOf } from './effect';
import type { EffectTest, EffectTestOptions } from './effect';

export interface SequentialTestOptions extends EffectTestOptions {
  /** Units of two equal arms together at which the interval is tightest; a guess of the final size. Default 5000. */
  tuningN?: number;
}

export interface SequentialTest extends EffectTest {
  /** not-enough-data: an arm has too few units, or nothing varies; pValue, eValue and interval are NaN. */
  status: 'ok' | 'not-enough-data';
  /** Evidence against no effect: under none its mean is 1 at any stopping time, so 1/alpha is a rare event. */
  eValue: number;
}

/** Fewest units an arm at a `tuningN` of 900 or more; below it takes 300 / sqrt(tuningN): the earlier the test is tuned to decide, the more. */
export const LEAST_UNITS = 10;

function leastUnits(tuningN: number): number {
  return Math.ceil(Math.max(LEAST_UNITS, 300 / Math.sqrt(tuningN)));
}

/**
 * Units of two equal arms that tell as much about a difference. An arm of 100 beside one of 10,000 tells what
 * 200 beside 200 tell, and not what 10,100 units would.
 */
function effectiveUnits(
  control: ArmStatistic,
  treatment: ArmStatistic,
): number {
  return (4 * control.n * treatment.n) / (control.n + treatment.n);
}

/**
 * A small arm's variance, drawn towards the one of both arms where that is larger: without an effect they are
 * equal, and few units often miss what is rare. Arms within 1:2 are left alone, at 1:99 it is nearly the common one.
 */
function withSteadyVariance(
  arm: ArmStatistic,
  other: ArmStatistic,
): ArmStatistic {
  const trust = Math.min(1, (2 * arm.n) / other.n);
  const common =
    (arm.n * arm.variance + other.n * other.variance) / (arm.n + other.n);
  const missing = Math.max(0, common - arm.variance);
  return { ...arm, variance: arm.variance + (1 - trust) * missing };
}

/**
 * Test of treatment against control that may be looked at as often as one likes,
 * and stopped whenever one likes: the interval covers the true effect at all times
 * together with 1 - alpha, and pValue is valid at any time. Also for canaries, where one arm is much smaller:
 * what counts is how much the two tell together, 4 / (1/control + 1/treatment) units.
 *
 * The variance is estimated, so it takes some units: below {@link LEAST_UNITS} in either arm (more with a small `tuningN`: 14 at 500, 30 at 100, 43 at 50) the status is "not-enough-data". From there on, at alpha 0.05 and a hundred looks, with arms of 1:1
 * to 1:99, normal, skewed and rare (0.1 %) values, at most 5 % of the experiments without effect raised an
 * alarm, mostly 1 to 3 % (bench/ml-kit/simulate.mjs).
 *
 * pValue and eValue test the absolute difference, whatever `kind` is: decide by them. `kind` is only
 * the scale of estimate, standardError and interval. A relative interval is an approximation by the
 * delta method: for rare events it can leave out 0 while pValue is above alpha, so it is no test.
 * A small arm that varies less than the other gets part of the difference added, see the standard error.
 *
 * Wider than Welch's interval: by about 1.5 at `tuningN`. Relative to a control mean of 0 only estimate, standard error and interval are NaN.
 * A pValue may rise again; keep the smallest seen for a monitor.
 * Throws InvalidArgumentError for an option out of range.
 * Source: Waudby-Smith et al., Time-uniform central limit theory, arXiv 2103.06476, eq. 9, 155 and 161.
 */
export function sequentialTest(
  control: ArmStatistic,
  treatment: ArmStatistic,
  options: SequentialTestOptions = {},
): SequentialTest {
  const { alpha = 0.05, alternative = 'two-sided' } = options;
  const { tuningN = 5000 } = options;
  assertEffectOptions(options);
  assertPositiveFinite('tuningN', tuningN);
  const arms = [
    withSteadyVariance(control, treatment),
    withSteadyVariance(treatment, control),
  ] as const;
  const effect = effectOf(...arms, options);
  const { estimate, standardError } = effect;
  const n = effectiveUnits(control, treatment);
  // The relative standard error shrinks whenever the treatment mean happens to be
  // near 0, so that its ratio raises false alarms for rare events.
  const absolute = effectOf(...arms, { kind: 'absolute' });
  const isUsable =
    absolute.standardError > 0 &&
    Math.min(control.n, treatment.n) >= leastUnits(tuningN);
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
  const status = isUsable ? 'ok' : 'not-enough-data';
  if (isTwoSided) {
    return {
      ...effect,
      status,
      eValue: Math.exp(logE),
      pValue: Math.min(1, Math.exp(-logE)),
      interval: [estimate - half, estimate + half],
    };
  }
  const isGreater = alternative === 'greater';
  const toward = isGreater ? z : -z;
  return {
    ...effect,
    status,
    // The mixture of the two-sided test, over effects of one sign only
    eValue:
      2 * Math.exp(logE) * normalCdf(toward * rho * Math.sqrt(n / spread)),
    pValue: oneSidedPValue(toward, n * rho ** 2, spread),
    interval: boundedOn(isGreater ? 'below' : 'above', estimate, half),
  };
}

function boundedOn(
  side: 'below' | 'above',
  estimate: number,
  half: number,
): [number, number] {
  if (Number.isNaN(half)) return [NaN, NaN];
  return side === 'below'
    ? [estimate - half, Infinity]
    : [-Infinity, estimate + half];
}

/** The level at which the one-sided bound, whose mixture is fixed, would just exclude 0: 1 / eValue or a little more. */
function oneSidedPValue(z: number, scaled: number, spread: number): number {
  if (Number.isNaN(z)) return NaN;
  if (z <= 0) return 1;
  const excess = Math.expm1((scaled * z * z) / (2 * spread));
  return Math.min(1, Math.sqrt(spread) / (2 * excess));
}
