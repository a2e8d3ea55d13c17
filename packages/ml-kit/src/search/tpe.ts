import { createRandom } from '../random/random';
import type { RandomState } from '../random/random';
import { logParzen, parzenEstimate, pick, sampleParzen } from './parzen';
import type { SearchState, TrialResult } from './searcher';
import {
  assertSearchSpace,
  positionOf,
  sampleConfiguration,
  stepOf,
  valueAt,
} from './space';
import type {
  Configuration,
  Parameter,
  ParameterValue,
  SearchSpace,
} from './space';

export interface TpeState extends SearchState {
  random: RandomState;
}

export interface TpeOptions {
  /** Random trials first, default 10. */
  startupTrials?: number;
  /** Candidates drawn for each parameter, default 24. */
  candidates?: number;
  /** Configurations that are being tried: they count as bad ones, so that parallel workers spread out. */
  pending?: readonly Configuration[];
}

/** Tree-structured Parzen estimator; report with {@link reportResult}. */
export function createTpe(seed = 1): TpeState {
  return { formatVersion: 1, results: [], random: createRandom(seed) };
}

/** The newest 25 trials weigh 1, older ones less the older they are. Oldest first. */
function ageWeights(count: number): number[] {
  const ramp = Math.max(0, count - 25);
  return Array.from({ length: count }, (_, i) => {
    if (i >= ramp) return 1;
    return ramp > 1
      ? 1 / count + (i / (ramp - 1)) * (1 - 1 / count)
      : 1 / count;
  });
}

function suggestNumber(
  parameter: Exclude<Parameter, { kind: 'choice' }>,
  good: readonly number[],
  bad: readonly number[],
  candidates: number,
  random: RandomState,
): ParameterValue {
  const better = parzenEstimate(good, ageWeights(good.length));
  const worse = parzenEstimate(bad, ageWeights(bad.length));
  const step = stepOf(parameter);
  let best: ParameterValue = parameter.low;
  let bestScore = -Infinity;
  for (let i = 0; i < candidates; i++) {
    const value = valueAt(parameter, sampleParzen(better, random));
    const x = positionOf(parameter, value);
    const cell = [
      positionOf(parameter, Number(value) - step / 2),
      positionOf(parameter, Number(value) + step / 2),
    ] as const;
    const range = step > 0 ? cell : undefined;
    const score = logParzen(better, x, range) - logParzen(worse, x, range);
    if (score > bestScore) {
      bestScore = score;
      best = value;
    }
  }
  return best;
}

/** Share of each choice among trials, with one trial's worth spread over all of them. */
function choiceShares(
  values: readonly ParameterValue[],
  seen: readonly ParameterValue[],
): number[] {
  const weights = ageWeights(seen.length);
  const total = weights.reduce((a, b) => a + b, 1);
  const kernels = seen.length + 1;
  // Every kernel is the observed choice plus a little of all of them; the prior's kernel is all of them.
  const smoothing = 1 / kernels;
  const perKernel = 1 + smoothing * values.length;
  return values.map(value => {
    const observed = seen.reduce<number>(
      (sum, other, i) =>
        sum +
        weights[i] * (((other === value ? 1 : 0) + smoothing) / perKernel),
      0,
    );
    return (observed + 1 / values.length) / total;
  });
}

function suggestChoice(
  values: readonly ParameterValue[],
  good: readonly ParameterValue[],
  bad: readonly ParameterValue[],
  candidates: number,
  random: RandomState,
): ParameterValue {
  const better = choiceShares(values, good);
  const worse = choiceShares(values, bad);
  let best = 0;
  let bestScore = -Infinity;
  for (let i = 0; i < candidates; i++) {
    const index = pick(better, random);
    const score = better[index] / worse[index];
    if (score > bestScore) {
      bestScore = score;
      best = index;
    }
  }
  return values[best];
}

/** Splits results into the best tenth (25 at most) and the rest, each still in the order of their reports. */
function split(results: readonly TrialResult[]) {
  const size = Math.min(25, Math.ceil(0.1 * results.length));
  const order = results
    .map((_, i) => i)
    .sort((a, b) => results[a].loss - results[b].loss || a - b);
  const best = new Set(order.slice(0, size));
  return {
    good: results.filter((_, i) => best.has(i)),
    bad: results.filter((_, i) => !best.has(i)),
  };
}

/**
 * A configuration that is likely among the good results and unlikely among the bad
 * ones; random for the first trials. Every parameter is modelled by itself.
 *
 * Results with values of another space (a parameter that was added) do not count for that parameter.
 * O(candidates * results * parameters).
 * Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011; constants of Optuna's default sampler.
 */
export function suggestTpe(
  state: TpeState,
  space: SearchSpace,
  options: TpeOptions = {},
): Configuration {
  assertSearchSpace(space);
  const { startupTrials = 10, candidates = 24, pending = [] } = options;
  const { results, random } = state;
  if (results.length < startupTrials) return sampleConfiguration(space, random);
  const { good, bad } = split(results);
  const worse = [...bad.map(result => result.configuration), ...pending];
  const better = good.map(result => result.configuration);
  const entries = Object.entries(space).map(
    ([name, parameter]): [string, ParameterValue] => {
      const of = (trials: readonly Configuration[]) =>
        trials.map(trial => trial[name]).filter(value => value !== undefined);
      if (parameter.kind === 'choice') {
        const { values } = parameter;
        return [
          name,
          suggestChoice(values, of(better), of(worse), candidates, random),
        ];
      }
      const positions = (trials: readonly Configuration[]) =>
        of(trials).map(value => positionOf(parameter, value));
      return [
        name,
        suggestNumber(
          parameter,
          positions(better),
          positions(worse),
          candidates,
          random,
        ),
      ];
    },
  );
  return Object.fromEntries(entries);
}
