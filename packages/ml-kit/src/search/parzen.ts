import { normalCdf, normalQuantile } from '../distributions/normal';
import { nextUniform } from '../random/random';
import type { RandomState } from '../random/random';
import { positionOf, stepOf, valueAt } from './space';
import type {
  Configuration,
  Parameter,
  ParameterValue,
  SearchSpace,
} from './space';

/** Density of one parameter around each trial, and over everything as the last kernel. */
interface Kernels {
  sample(kernel: number, random: RandomState): ParameterValue;
  /** Adds the log density (log probability, where values have steps) of each kernel at the value. */
  addLogDensities(value: ParameterValue, to: Float64Array): void;
}

/** Parameters that are drawn together, from the kernel of the same trial. */
type Block = [name: string, kernels: Kernels][];

/**
 * Mixtures of one kernel a trial: where good (or bad) trials lie. Numbers are one mixture over all of them, so that
 * it follows valleys that run across them; each choice is one of its own.
 */
export interface ParzenEstimate {
  /** Of the kernels; add up to 1. */
  weights: Float64Array;
  blocks: Block[];
}

/** Index drawn with the given probabilities. */
function pick(weights: ArrayLike<number>, random: RandomState): number {
  let left = nextUniform(random);
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/**
 * Width of the kernel of each point in [0, 1]: the gap to its farther neighbour (for a
 * single point, to the farther end), but not narrower than 1 / (points + 2) or 1/100.
 */
function widthsOf(points: readonly number[]): number[] {
  const order = points.map((_, i) => i).sort((a, b) => points[a] - points[b]);
  const narrowest = 1 / Math.min(100, points.length + 2);
  const widths = new Array<number>(points.length);
  order.forEach((at, rank) => {
    const gap = (neighbour: number) =>
      neighbour < 0 || neighbour >= order.length
        ? 0
        : Math.abs(points[order[neighbour]] - points[at]);
    const wide =
      points.length === 1
        ? Math.max(points[at], 1 - points[at])
        : Math.max(gap(rank - 1), gap(rank + 1));
    widths[at] = Math.min(1, Math.max(narrowest, wide));
  });
  return widths;
}

/** Normals cut to the range, on the scale of the search. */
function numberKernels(
  parameter: Exclude<Parameter, { kind: 'choice' }>,
  points: readonly number[],
): Kernels {
  const means = [...points, 0.5];
  const widths = [...widthsOf(points), 1];
  const atZero = means.map((mean, i) => normalCdf(-mean / widths[i]));
  const inside = means.map(
    (mean, i) => normalCdf((1 - mean) / widths[i]) - atZero[i],
  );
  const step = stepOf(parameter);
  return {
    sample(kernel, random) {
      const p = atZero[kernel] + nextUniform(random) * inside[kernel];
      const x = means[kernel] + widths[kernel] * normalQuantile(p);
      return valueAt(parameter, Math.min(1, Math.max(0, x)));
    },
    addLogDensities(value, to) {
      const x = positionOf(parameter, value);
      const low = positionOf(parameter, Number(value) - step / 2);
      const high = positionOf(parameter, Number(value) + step / 2);
      for (let k = 0; k < means.length; k++) {
        const z = (x - means[k]) / widths[k];
        const density =
          step > 0
            ? normalCdf((high - means[k]) / widths[k]) -
              normalCdf((low - means[k]) / widths[k])
            : Math.exp(-0.5 * z * z) / widths[k];
        to[k] += Math.log(Math.max(Number.MIN_VALUE, density / inside[k]));
      }
    },
  };
}

/** Each trial's choice, with one kernel's worth spread over all choices. */
function choiceKernels(
  values: readonly ParameterValue[],
  seen: readonly ParameterValue[],
): Kernels {
  const smoothing = 1 / (seen.length + 1);
  const total = 1 + smoothing * values.length;
  const sharesOf = (kernel: number) =>
    kernel < seen.length
      ? values.map(
          value => (smoothing + (value === seen[kernel] ? 1 : 0)) / total,
        )
      : values.map(() => 1 / values.length);
  return {
    sample: (kernel, random) => values[pick(sharesOf(kernel), random)],
    addLogDensities(value, to) {
      const index = values.indexOf(value);
      for (let k = 0; k < to.length; k++) {
        to[k] += Math.log(sharesOf(k)[index]);
      }
    },
  };
}

/**
 * Estimate of where the given trials lie, over all parameters together.
 *
 * @param weights - of the trials; the kernel over everything weighs 1
 * Source: Bergstra et al., NIPS 2011; Falkner, Klein and Hutter, BOHB, ICML 2018, for the joint kernels.
 */
export function parzenEstimate(
  space: SearchSpace,
  trials: readonly Configuration[],
  weights: readonly number[],
): ParzenEstimate {
  const total = weights.reduce((a, b) => a + b, 1);
  const numbers: Block = [];
  const choices: Block[] = [];
  for (const [name, parameter] of Object.entries(space)) {
    const values = trials.map(trial => trial[name]);
    if (parameter.kind === 'choice') {
      choices.push([[name, choiceKernels(parameter.values, values)]]);
    } else {
      const positions = values.map(value => positionOf(parameter, value));
      numbers.push([name, numberKernels(parameter, positions)]);
    }
  }
  return {
    weights: Float64Array.from([...weights, 1], weight => weight / total),
    blocks: [numbers, ...choices],
  };
}

/** A configuration drawn from the mixture. */
export function sampleParzen(
  estimate: ParzenEstimate,
  random: RandomState,
): Configuration {
  return Object.fromEntries(
    estimate.blocks.flatMap(block => {
      const kernel = pick(estimate.weights, random);
      return block.map(([name, kernels]) => [
        name,
        kernels.sample(kernel, random),
      ]);
    }),
  );
}

/** Log density of the mixture at a configuration, up to a constant. */
export function logParzen(
  estimate: ParzenEstimate,
  configuration: Configuration,
): number {
  return estimate.blocks.reduce((total, block) => {
    const logs = Float64Array.from(estimate.weights, Math.log);
    for (const [name, kernels] of block) {
      kernels.addLogDensities(configuration[name], logs);
    }
    const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = logs.reduce((a, b) => a + Math.exp(b - largest), 0);
    return total + largest + Math.log(sum);
  }, 0);
}
