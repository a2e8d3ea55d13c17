import { normalCdf, normalPdf, normalQuantile } from '../distributions/normal';
import type { ArmStatistic } from './armStatistic';
import { assertFinite } from '../numerics/assertFinite';
import { assertPositiveFinite } from '../numerics/assertPositiveFinite';
import { assertEffectOptions, effectOf } from './effect';
import type { Effect, EffectOptions } from './effect';

export interface BayesianTestOptions extends EffectOptions {
  /** What is believed of the effect beforehand, on the scale of `kind`. Default nothing. */
  prior?: { mean: number; variance: number };
  /** Default 0.05: a 95 % credible interval. */
  alpha?: number;
}

export interface BayesianTest extends Effect {
  /** Probability that treatment is above control; 1 less this when lower is better. */
  chanceToWin: number;
  /**
   * Expected loss of choosing an arm, on the scale of `kind`, when higher is better:
   * what is lost on average if the other one was better. Swap them when lower is better.
   */
  risk: { control: number; treatment: number };
  interval: [number, number];
}

/** Mean of the part of N(mean, deviation) above 0: E[max(x, 0)]. */
function expectedPositivePart(mean: number, deviation: number): number {
  const z = mean / deviation;
  if (z > 37) return mean;
  if (z < -37) return 0;
  return mean * normalCdf(z) + deviation * normalPdf(z);
}

/** Expected losses of choosing control and treatment when the effect is N(mean, deviation). */
export function expectedLoss(
  mean: number,
  deviation: number,
): BayesianTest['risk'] {
  return {
    control: expectedPositivePart(mean, deviation),
    treatment: expectedPositivePart(-mean, deviation),
  };
}

/**
 * Posterior of the effect, normal, with the chance that it is positive and the expected losses.
 *
 * Without data in both arms, without any variance, or relative to a control mean of 0, the answer is
 * an effect of 0 with chance 1/2, no risk, and an interval of NaN. O(1).
 * Throws InvalidArgumentError for an option out of range.
 * Source: conjugate normal model; the same as GrowthBook's to the digits that it publishes.
 */
export function bayesianTest(
  control: ArmStatistic,
  treatment: ArmStatistic,
  options: BayesianTestOptions = {},
): BayesianTest {
  const { prior, alpha = 0.05 } = options;
  assertEffectOptions(options);
  if (prior) {
    assertFinite('prior.mean', prior.mean);
    assertPositiveFinite('prior.variance', prior.variance);
  }
  const effect = effectOf(control, treatment, options);
  const { n } = effect;
  if (!(effect.standardError > 0)) {
    return {
      estimate: 0,
      standardError: NaN,
      n,
      chanceToWin: 0.5,
      risk: { control: 0, treatment: 0 },
      interval: [NaN, NaN],
    };
  }
  const dataPrecision = 1 / effect.standardError ** 2;
  const priorPrecision = prior ? 1 / prior.variance : 0;
  const precision = dataPrecision + priorPrecision;
  const mean =
    (effect.estimate * dataPrecision + (prior?.mean ?? 0) * priorPrecision) /
    precision;
  const deviation = Math.sqrt(1 / precision);
  const half = normalQuantile(1 - alpha / 2) * deviation;
  return {
    estimate: mean,
    standardError: deviation,
    n,
    chanceToWin: normalCdf(mean / deviation),
    risk: expectedLoss(mean, deviation),
    interval: [mean - half, mean + half],
  };
}
