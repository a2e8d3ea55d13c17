import { normalCdf, normalQuantile } from '../distributions/normal';
import { assertAlpha } from '../numerics/assertAlpha';
import { assertFinite } from '../numerics/assertFinite';
import { assertOneOf } from '../numerics/assertOneOf';
import { assertPositiveFinite } from '../numerics/assertPositiveFinite';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import type { Alternative } from './effect';

export interface PowerOptions {
  /**
   * Of one unit: of a mean its standard deviation, of a share sqrt(p (1 - p)). One for both arms, or one each,
   * where the treatment's differs (a share that rises from 1 % to 2 %).
   */
  standardDeviation: number | { control: number; treatment: number };
  /** Units of treatment for each of control, default 1; 0.01 is a canary. */
  ratio?: number;
  /** Default 0.05. */
  alpha?: number;
  /** Default two-sided. */
  alternative?: Alternative;
}

/** Standard deviation of a unit that succeeds with the given rate, for {@link PowerOptions}. */
export function rateDeviation(rate: number): number {
  if (!(rate > 0 && rate < 1)) {
    throw new InvalidArgumentError(
      `rate must lie between 0 and 1 (0.05 is 5 %), got ${rate}`,
    );
  }
  return Math.sqrt(rate * (1 - rate));
}

/** Standard error of the difference, times the root of the units of control. */
function deviationOf(options: PowerOptions): number {
  const { standardDeviation, ratio = 1 } = options;
  assertPositiveFinite('ratio', ratio);
  const { control, treatment } =
    typeof standardDeviation === 'number'
      ? { control: standardDeviation, treatment: standardDeviation }
      : standardDeviation;
  assertPositiveFinite('standardDeviation', control);
  assertPositiveFinite('standardDeviation', treatment);
  return Math.sqrt(control ** 2 + treatment ** 2 / ratio);
}

/** The level of one side. */
function levelOf(options: PowerOptions): number {
  const { alpha = 0.05, alternative = 'two-sided' } = options;
  assertAlpha(alpha);
  assertOneOf('alternative', alternative, ['two-sided', 'greater', 'less']);
  return alternative === 'two-sided' ? alpha / 2 : alpha;
}

/** Power when the effect is so many standard errors. */
function powerAt(standardErrors: number, options: PowerOptions): number {
  const critical = normalQuantile(1 - levelOf(options));
  const { alternative = 'two-sided' } = options;
  const above = normalCdf(standardErrors - critical);
  const below = normalCdf(-standardErrors - critical);
  if (alternative === 'greater') return above;
  return alternative === 'less' ? below : above + below;
}

/**
 * Power of a test of two arms: the probability that it finds a true difference of `effect` (in the metric's unit) with
 * `controlUnits` units of control. By the normal approximation, for one look at the end; O(1).
 * Throws InvalidArgumentError for an option out of range.
 */
export function powerOfTest(
  options: PowerOptions & { effect: number; controlUnits: number },
): number {
  const { effect, controlUnits } = options;
  assertFinite('effect', effect);
  assertPositiveFinite('controlUnits', controlUnits);
  return powerAt(
    (effect * Math.sqrt(controlUnits)) / deviationOf(options),
    options,
  );
}

/** Standard errors at which the power is reached. */
function standardErrorsFor(power: number, options: PowerOptions): number {
  const level = levelOf(options);
  if (!(power > level && power < 1)) {
    throw new InvalidArgumentError(
      `power must lie between the level and 1 (0.8 is 80 %), got ${power}`,
    );
  }
  const { alternative = 'two-sided' } = options;
  let low = 0;
  let high = 100;
  const at = (x: number) => powerAt(alternative === 'less' ? -x : x, options);
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (at(middle) < power) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Sample size: units of each arm, rounded up, with which a true difference of `effect` (in the metric's unit) is found with the
 * given power. For one look at the end; a sequential test needs more.
 * Throws InvalidArgumentError for an option out of range, an effect of 0 and one against the alternative.
 */
export function sampleSize(
  options: PowerOptions & {
    effect: number;
    /** Default 0.8. */
    power?: number;
  },
): { control: number; treatment: number } {
  const { effect, power = 0.8, ratio = 1, alternative = 'two-sided' } = options;
  assertFinite('effect', effect);
  const isPossible =
    alternative === 'two-sided'
      ? effect !== 0
      : effect * (alternative === 'greater' ? 1 : -1) > 0;
  if (!isPossible) {
    throw new InvalidArgumentError(
      `effect must differ from 0 in the direction of the alternative (${alternative}), got ${effect}`,
    );
  }
  const control =
    ((standardErrorsFor(power, options) * deviationOf(options)) / effect) ** 2;
  return { control: Math.ceil(control), treatment: Math.ceil(control * ratio) };
}

/**
 * Minimal detectable effect (MDE): the smallest true difference, in the metric's unit, that is found with the given power
 * with `controlUnits` units of control. Negative for the alternative 'less'.
 * Throws InvalidArgumentError for an option out of range.
 */
export function minimalDetectableEffect(
  options: PowerOptions & {
    controlUnits: number;
    /** Default 0.8. */
    power?: number;
  },
): number {
  const { controlUnits, power = 0.8, alternative = 'two-sided' } = options;
  assertPositiveFinite('controlUnits', controlUnits);
  const size =
    (standardErrorsFor(power, options) * deviationOf(options)) /
    Math.sqrt(controlUnits);
  return alternative === 'less' ? -size : size;
}
