import { normalCdf, normalQuantile } from '../distributions/normal';
import { nextUniform } from '../random/random';
import type { RandomState } from '../random/random';

/** Mixture of normals cut to [0, 1]: one for each observation, and a wide one over everything. */
export interface ParzenEstimate {
  means: Float64Array;
  deviations: Float64Array;
  /** Add up to 1. */
  weights: Float64Array;
  /** Probability of each normal at 0 and at 1. */
  atZero: Float64Array;
  atOne: Float64Array;
}

/**
 * Density estimate of points in [0, 1], each as wide as the gap to its farther
 * neighbour, but not narrower than 1 / min(100, points + 2).
 * Source: Bergstra et al., NIPS 2011, with Optuna's defaults.
 */
export function parzenEstimate(
  points: readonly number[],
  pointWeights: readonly number[],
): ParzenEstimate {
  const n = points.length + 1;
  const means = Float64Array.of(...points, 0.5);
  const raw = [...pointWeights, 1];
  const order = Array.from(means, (_, i) => i).sort(
    (a, b) => means[a] - means[b],
  );
  const deviations = new Float64Array(n);
  const narrowest = 1 / Math.min(100, n + 1);
  order.forEach((at, rank) => {
    const gap = (neighbour: number) =>
      order[neighbour] === undefined
        ? 0
        : Math.abs(means[order[neighbour]] - means[at]);
    const wide = n > 1 ? Math.max(gap(rank - 1), gap(rank + 1)) : 1;
    deviations[at] = Math.min(1, Math.max(narrowest, wide));
  });
  deviations[n - 1] = 1;
  const total = raw.reduce((a, b) => a + b, 0);
  return {
    means,
    deviations,
    weights: Float64Array.from(raw, weight => weight / total),
    atZero: means.map((mean, i) => normalCdf(-mean / deviations[i])),
    atOne: means.map((mean, i) => normalCdf((1 - mean) / deviations[i])),
  };
}

/** A point drawn from the mixture. */
export function sampleParzen(
  estimate: ParzenEstimate,
  random: RandomState,
): number {
  const kernel = pick(estimate.weights, random);
  const low = estimate.atZero[kernel];
  const high = estimate.atOne[kernel];
  const z = normalQuantile(low + nextUniform(random) * (high - low));
  const x = estimate.means[kernel] + estimate.deviations[kernel] * z;
  return Math.min(1, Math.max(0, x));
}

/** Index drawn with the given probabilities. */
export function pick(weights: ArrayLike<number>, random: RandomState): number {
  let left = nextUniform(random);
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** Log density at x; with a width above 0, log probability of the interval of that width around x. */
export function logParzen(
  estimate: ParzenEstimate,
  x: number,
  [from, to]: readonly [number, number] = [x, x],
): number {
  const { means, deviations, weights, atZero, atOne } = estimate;
  let sum = 0;
  for (let i = 0; i < means.length; i++) {
    const inside = atOne[i] - atZero[i];
    if (to > from) {
      const high = normalCdf((to - means[i]) / deviations[i]);
      const low = normalCdf((from - means[i]) / deviations[i]);
      sum += (weights[i] * (high - low)) / inside;
    } else {
      const z = (x - means[i]) / deviations[i];
      sum += (weights[i] * Math.exp(-0.5 * z * z)) / (deviations[i] * inside);
    }
  }
  return Math.log(Math.max(sum, Number.MIN_VALUE));
}
