import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { createRandom } from '../random/random';
import type { RandomState } from '../random/random';
import { logParzen, parzenEstimate, sampleParzen } from './parzen';
import type { SearchState, TrialResult } from './searcher';
import { assertSearchSpace, sampleConfiguration } from './space';
import type { Configuration, SearchSpace } from './space';

export interface TpeState extends SearchState {
  random: RandomState;
}

export interface TpeOptions {
  /** Random trials first, default 10. */
  startupTrials?: number;
  /** Candidates drawn for each suggestion, default 24. */
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
    const share = ramp > 1 ? i / (ramp - 1) : 0;
    return 1 / count + share * (1 - 1 / count);
  });
}

/** Splits results into the best tenth (25 at most) and the rest, each still in the order of their reports. */
function split(results: readonly TrialResult[]) {
  const size = Math.min(25, Math.ceil(0.1 * results.length));
  const order = results
    .map((_, i) => i)
    .sort((a, b) => results[a].loss - results[b].loss || a - b);
  const best = new Set(order.slice(0, size));
  const of = (isGood: boolean) =>
    results
      .filter((_, i) => best.has(i) === isGood)
      .map(({ configuration }) => configuration);
  return { good: of(true), bad: of(false) };
}

/**
 * A configuration that is likely among the good results and unlikely among the bad
 * ones; random for the first trials. Numbers are modelled together, so it finds
 * valleys that run across them; choices each for themselves, so that a good one is tried with all numbers.
 *
 * Results without a value for every parameter of the space (one was added) do not count.
 * O(candidates * results * parameters).
 * Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011; constants of Optuna 5.
 */
export function suggestTpe(
  state: TpeState,
  space: SearchSpace,
  options: TpeOptions = {},
): Configuration {
  assertFormatVersion('state of the search', state);
  assertSearchSpace(space);
  const { startupTrials = 10, candidates = 24, pending = [] } = options;
  const { random } = state;
  const names = Object.keys(space);
  const results = state.results.filter(({ configuration }) =>
    names.every(name => configuration[name] !== undefined),
  );
  if (results.length < startupTrials) return sampleConfiguration(space, random);
  const { good, bad } = split(results);
  const estimateOf = (trials: readonly Configuration[]) =>
    parzenEstimate(space, trials, ageWeights(trials.length));
  const better = estimateOf(good);
  const worse = estimateOf([...bad, ...pending]);
  let best = sampleParzen(better, random);
  let bestScore = -Infinity;
  for (let i = 0; i < candidates; i++) {
    const candidate = i === 0 ? best : sampleParzen(better, random);
    const score = logParzen(better, candidate) - logParzen(worse, candidate);
    if (score > bestScore) {
      bestScore = score;
      best = candidate;
    }
  }
  return best;
}
