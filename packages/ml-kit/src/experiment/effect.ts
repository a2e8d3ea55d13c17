import { studentTCdf, studentTQuantile } from '../distributions/studentT';
import { assertAlpha } from '../numerics/assertAlpha';
import { assertOneOf } from '../numerics/assertOneOf';
import type { ArmStatistic } from './armStatistic';

/** absolute: in the metric's unit. relative: as a share of the control mean, 0.05 is +5 %. */
export type EffectKind = 'absolute' | 'relative';
export type Alternative = 'two-sided' | 'greater' | 'less';

export interface Effect {
  /** Treatment against control; positive is more. */
  estimate: number;
  standardError: number;
  /** Units of both arms. */
  n: number;
}

export interface EffectOptions {
  /** Default relative. */
  kind?: EffectKind;
  /** Plain means of the arms, when the statistics hold adjusted ones (CUPED): a relative effect is a share of the plain control mean. */
  unadjusted?: { control: number; treatment: number };
}

/**
 * Difference of two arms with its standard error; a relative one by the delta method,
 * so that the noise of the control mean counts too.
 * Estimate and standard error are NaN relative to a control mean of 0. O(1).
 */
export function effectOf(
  control: ArmStatistic,
  treatment: ArmStatistic,
  options: EffectOptions = {},
): Effect {
  const { kind = 'relative' } = options;
  const plain = options.unadjusted ?? {
    control: control.mean,
    treatment: treatment.mean,
  };
  const varianceControl = control.variance / control.n;
  const varianceTreatment = treatment.variance / treatment.n;
  const n = control.n + treatment.n;
  const difference = treatment.mean - control.mean;
  if (kind === 'absolute') {
    return {
      estimate: difference,
      standardError: Math.sqrt(varianceControl + varianceTreatment),
      n,
    };
  }
  if (plain.control === 0) return { estimate: NaN, standardError: NaN, n };
  return {
    estimate: difference / Math.abs(plain.control),
    standardError: Math.sqrt(
      varianceTreatment / plain.control ** 2 +
        (varianceControl * plain.treatment ** 2) / plain.control ** 4,
    ),
    n,
  };
}

/** Welch's degrees of freedom; Infinity when neither arm varies. */
export function welchDegreesOfFreedom(
  control: ArmStatistic,
  treatment: ArmStatistic,
): number {
  const a = control.variance / control.n;
  const b = treatment.variance / treatment.n;
  const spread = a ** 2 / (control.n - 1) + b ** 2 / (treatment.n - 1);
  return spread > 0 ? (a + b) ** 2 / spread : Infinity;
}

export interface EffectTest extends Effect {
  /** Probability of at least this effect in the tested direction without any. */
  pValue: number;
  /** Values that the test does not reject; one end is infinite for a one-sided one. */
  interval: [number, number];
}

export interface EffectTestOptions extends EffectOptions {
  /** Default 0.05. */
  alpha?: number;
  /** Default two-sided. */
  alternative?: Alternative;
}

/** Throws InvalidArgumentError for a level, kind or alternative that is none. */
export function assertEffectOptions(options: EffectTestOptions): void {
  const { alpha = 0.05, kind = 'relative' } = options;
  const { alternative = 'two-sided' } = options;
  assertAlpha(alpha);
  assertOneOf('kind', kind, ['relative', 'absolute']);
  assertOneOf('alternative', alternative, ['two-sided', 'greater', 'less']);
}

/**
 * Welch's t test of treatment against control: for one look at the end, planned
 * beforehand. To look while the experiment runs, use {@link sequentialTest}.
 *
 * The effect is relative unless said otherwise: `welchTest(control, treatment)` tests the share by which
 * treatment differs, with the noise of the control mean in it, and `welchTest(control, treatment, { kind: 'absolute' })`
 * the difference in the metric's unit, which is the textbook test. Their p-values differ; take absolute
 * for rare events, where the delta method of the relative one is rough.
 *
 * pValue and interval are NaN when the standard error is 0 or not known (fewer than two units an arm,
 * or relative to a control mean of 0).
 * Throws InvalidArgumentError for an option out of range.
 * Source: Welch, Biometrika 34 (1947).
 */
export function welchTest(
  control: ArmStatistic,
  treatment: ArmStatistic,
  options: EffectTestOptions = {},
): EffectTest & { degreesOfFreedom: number } {
  const { alpha = 0.05, alternative = 'two-sided' } = options;
  assertEffectOptions(options);
  const effect = effectOf(control, treatment, options);
  const freedom = welchDegreesOfFreedom(control, treatment);
  const isUsable =
    effect.standardError > 0 && Math.min(control.n, treatment.n) > 1;
  const t = isUsable ? effect.estimate / effect.standardError : NaN;
  const margin = (p: number) =>
    isUsable ? studentTQuantile(p, freedom) * effect.standardError : NaN;
  if (alternative === 'two-sided') {
    const half = margin(1 - alpha / 2);
    return {
      ...effect,
      degreesOfFreedom: freedom,
      pValue: 2 * studentTCdf(-Math.abs(t), freedom),
      interval: [effect.estimate - half, effect.estimate + half],
    };
  }
  const half = margin(1 - alpha);
  const isGreater = alternative === 'greater';
  return {
    ...effect,
    degreesOfFreedom: freedom,
    pValue: studentTCdf(isGreater ? -t : t, freedom),
    interval: isGreater
      ? [effect.estimate - half, Infinity]
      : [-Infinity, effect.estimate + half],
  };
}
