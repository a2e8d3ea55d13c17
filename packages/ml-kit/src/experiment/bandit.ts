import { betaCdf, betaPdf } from '../distributions/beta';
import { normalCdf, normalPdf } from '../distributions/normal';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { nextBeta } from '../random/randomDistributions';
import { nextNormal } from '../random/random';
import type { RandomState } from '../random/random';

/**
 * What is known of an arm. beta: successes and failures plus one each (or another
 * prior). normal: mean of a value and the standard error of that mean.
 */
export type ArmPosterior =
  | { kind: 'beta'; alpha: number; beta: number }
  | { kind: 'normal'; mean: number; standardError: number };

export interface BanditOptions {
  /** False for latency, cost and errors. Default true. */
  higherIsBetter?: boolean;
}

function deviations(arm: ArmPosterior): { mean: number; deviation: number } {
  if (arm.kind === 'normal') {
    return { mean: arm.mean, deviation: arm.standardError };
  }
  const total = arm.alpha + arm.beta;
  return {
    mean: arm.alpha / total,
    deviation: Math.sqrt((arm.alpha * arm.beta) / (total ** 2 * (total + 1))),
  };
}

function density(arm: ArmPosterior, x: number): number {
  if (arm.kind === 'beta') return betaPdf(x, arm);
  return normalPdf((x - arm.mean) / arm.standardError) / arm.standardError;
}

function below(arm: ArmPosterior, x: number): number {
  if (arm.kind === 'beta') return betaCdf(x, arm);
  return normalCdf((x - arm.mean) / arm.standardError);
}

function assertArms(arms: readonly ArmPosterior[]): void {
  arms.forEach((arm, i) => {
    const isValid =
      arm.kind === 'beta'
        ? arm.alpha > 0 && arm.beta > 0
        : arm.standardError > 0 && Number.isFinite(arm.mean);
    if (!isValid) {
      throw new InvalidArgumentError(
        `Arm ${i} has no proper posterior: ${JSON.stringify(
          arm,
        )}; alpha, beta and standardError must be positive`,
      );
    }
  });
}

const STEPS = 1000;
/** In standard deviations: what lies beyond has a probability below 1e-15 for a normal. */
const REACH = 8.5;

/**
 * Probability that each arm is the best one: Thompson sampling's shares of traffic.
 * They add up to 1. By quadrature, so without simulation noise: about 1e-8 for
 * posteriors of a few observations and more.
 *
 * Empty for no arms, [1] for one. Throws InvalidArgumentError for an improper posterior.
 * O(arms^2) times 1000 evaluations.
 */
export function probabilityOfBest(
  arms: readonly ArmPosterior[],
  options: BanditOptions = {},
): number[] {
  assertArms(arms);
  const { higherIsBetter = true } = options;
  const raw = arms.map((arm, i) => {
    const others = arms.filter((_, j) => j !== i);
    const { mean, deviation } = deviations(arm);
    let low = mean - REACH * deviation;
    let high = mean + REACH * deviation;
    if (arm.kind === 'beta') {
      low = Math.max(0, low);
      high = Math.min(1, high);
    }
    // Midpoints: a beta density may be infinite at its ends.
    const step = (high - low) / STEPS;
    let sum = 0;
    for (let k = 0; k < STEPS; k++) {
      const x = low + (k + 0.5) * step;
      let value = density(arm, x);
      for (const other of others) {
        value *= higherIsBetter ? below(other, x) : 1 - below(other, x);
      }
      sum += value;
    }
    return sum * step;
  });
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map(value => value / total);
}

/**
 * Shares of traffic for finding the best arm soon: half for the arm that looks
 * best, half for the one that looks best among the others. Two arms get half each.
 * Source: Russo, Simple Bayesian Algorithms for Best Arm Identification, COLT 2016.
 */
export function topTwoWeights(bestProbabilities: readonly number[]): number[] {
  if (bestProbabilities.length < 2) return bestProbabilities.map(() => 1);
  return bestProbabilities.map((own, i) => {
    let second = 0;
    bestProbabilities.forEach((leader, j) => {
      if (j === i) return;
      const rivals = bestProbabilities.reduce(
        (sum, p, l) => (l === j ? sum : sum + p),
        0,
      );
      // Where the leader is certain, the others share equally.
      second +=
        leader *
        (rivals > 0 ? own / rivals : 1 / (bestProbabilities.length - 1));
    });
    return (own + second) / 2;
  });
}

/** Shares with at least `floor` for every arm, so that a change in a losing arm would still be seen. floor is at most 1 / arms. */
export function withFloor(weights: readonly number[], floor = 0.01): number[] {
  const least = Math.min(floor, 1 / weights.length);
  return weights.map(weight => least + (1 - weights.length * least) * weight);
}

/** Index of the arm for one unit: the best of one draw from each posterior. Throws InvalidArgumentError for an improper posterior. */
export function sampleThompson(
  random: RandomState,
  arms: readonly ArmPosterior[],
  options: BanditOptions = {},
): number {
  assertArms(arms);
  const { higherIsBetter = true } = options;
  let chosen = -1;
  let best = -Infinity;
  arms.forEach((arm, i) => {
    const draw =
      arm.kind === 'beta'
        ? nextBeta(random, arm.alpha, arm.beta)
        : arm.mean + arm.standardError * nextNormal(random);
    const score = higherIsBetter ? draw : -draw;
    if (score > best) {
      best = score;
      chosen = i;
    }
  });
  return chosen;
}
