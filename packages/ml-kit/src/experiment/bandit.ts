import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { integrate } from '../numerics/integrate';
import { nextBeta } from '../random/randomDistributions';
import { nextNormal } from '../random/random';
import type { RandomState } from '../random/random';
import {
  assertArms,
  coordinateOf,
  densityAt,
  landmarksOf,
  pointAt,
  probabilityAbove,
  probabilityBelow,
} from './armPosterior';
import type { ArmPosterior } from './armPosterior';

export interface BanditOptions {
  /** False for latency, cost and errors. Default true. */
  higherIsBetter?: boolean;
}

/**
 * Probability that each arm is the best one: Thompson sampling's shares of traffic.
 * They add up to 1. By adaptive quadrature with an absolute error of 1e-9 at most, so without
 * simulation noise: for wide and narrow posteriors together, and betas of any shape.
 *
 * Empty for no arms, [1] for one. Throws InvalidArgumentError for an improper posterior.
 * O(arms^3) times some hundred evaluations at most.
 */
export function probabilityOfBest(
  arms: readonly ArmPosterior[],
  options: BanditOptions = {},
): number[] {
  assertArms(arms);
  const { higherIsBetter = true } = options;
  const beaten = higherIsBetter ? probabilityBelow : probabilityAbove;
  const landmarks = arms.flatMap(landmarksOf);
  const raw = arms.map((arm, i) => {
    const others = arms.filter((_, j) => j !== i);
    const own = landmarksOf(arm).map(point => coordinateOf(arm, point));
    const points = landmarks
      .map(point => coordinateOf(arm, point))
      .filter(at => at >= own[0] && at <= own[own.length - 1])
      .sort((a, b) => a - b);
    return integrate(coordinate => {
      const point = pointAt(arm, coordinate);
      return others.reduce(
        (value, other) => value && value * beaten(other, point),
        densityAt(arm, point),
      );
    }, points);
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

/** Shares with at least `floor` for every arm, so that a change in a losing arm would still be seen. More than 1 / arms is equal shares. Throws InvalidArgumentError unless floor is from 0 to 1. */
export function withFloor(weights: readonly number[], floor = 0.01): number[] {
  if (!(floor >= 0 && floor <= 1)) {
    throw new InvalidArgumentError(
      `floor must lie between 0 and 1 (0.01 is 1 %), got ${floor}`,
    );
  }
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
