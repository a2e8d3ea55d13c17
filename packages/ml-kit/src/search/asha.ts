import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom } from '../random/random';
import type { RandomState } from '../random/random';
import type { HalvingSuggestion } from './hyperband';
import { isFailed, storedLoss } from './searcher';
import { assertSearchSpace, sampleConfiguration } from './space';
import type { Configuration, SearchSpace } from './space';

/** State of asynchronous successive halving; a plain object. */
export interface AshaState {
  formatVersion: 1;
  random: RandomState;
  minResource: number;
  maxResource: number;
  eta: number;
  /** By id. */
  configurations: Configuration[];
  /** Results of each rung, in order of their reports; promoted once each. */
  rungs: { id: number; loss: number; promoted: boolean }[][];
  /** Rung that each trial is running at; absent when it waits or is done. */
  running: Record<string, number>;
}

export interface AshaOptions {
  /** Resource of the first rung. */
  minResource: number;
  maxResource: number;
  /** One of so many goes on, default 3. */
  eta?: number;
  seed?: number;
}

/** Halving for many workers: nobody waits for a rung to be complete. Throws InvalidArgumentError for resources out of order or infinite. */
export function createAsha(options: AshaOptions): AshaState {
  const { minResource, maxResource, eta = 3, seed = 1 } = options;
  if (
    !(minResource > 0 && maxResource >= minResource && eta > 1) ||
    ![maxResource, eta].every(Number.isFinite)
  ) {
    throw new InvalidArgumentError(
      `Expected 0 < minResource <= maxResource and eta > 1, all finite, got ${minResource}, ${maxResource} and ${eta}`,
    );
  }
  const rungs: AshaState['rungs'] = [[]];
  for (let r = minResource * eta; r <= maxResource * (1 + 1e-12); r *= eta) {
    rungs.push([]);
  }
  return {
    formatVersion: 1,
    random: createRandom(seed),
    minResource,
    maxResource,
    eta,
    configurations: [],
    rungs,
    running: {},
  };
}

/** The best not yet promoted one among the top 1/eta of a rung. One that failed is never promoted, nothing is known of it. */
function promotable(state: AshaState, rung: number) {
  const results = state.rungs[rung];
  const count = Math.floor(results.length / state.eta);
  return [...results]
    .sort((a, b) => a.loss - b.loss || a.id - b.id)
    .slice(0, count)
    .find(result => !result.promoted && !isFailed(result));
}

/**
 * Work for one more worker, always: the highest rung with somebody to promote, else a new
 * configuration at the first rung. O(trials log trials).
 * Source: Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020, algorithm 2.
 */
export function suggestAsha(
  state: AshaState,
  space: SearchSpace,
): HalvingSuggestion {
  assertFormatVersion('state of the search', state);
  assertSearchSpace(space);
  for (let rung = state.rungs.length - 2; rung >= 0; rung--) {
    const candidate = promotable(state, rung);
    if (candidate) {
      candidate.promoted = true;
      return start(state, candidate.id, rung + 1);
    }
  }
  const configuration = sampleConfiguration(space, state.random);
  state.configurations.push(configuration);
  return start(state, state.configurations.length - 1, 0);
}

function start(state: AshaState, id: number, rung: number): HalvingSuggestion {
  state.running[id] = rung;
  return {
    id,
    configuration: state.configurations[id],
    resource: state.minResource * state.eta ** rung,
  };
}

/** Puts the loss of a running trial at its rung in. Throws InvalidArgumentError, and changes nothing, for a trial that is not running and a loss that is not a number. */
export function reportAsha(state: AshaState, id: number, loss: number): void {
  assertFormatVersion('state of the search', state);
  const rung = state.running[id];
  if (rung === undefined) {
    throw new InvalidArgumentError(`Trial ${id} is not running`);
  }
  state.rungs[rung].push({ id, loss: storedLoss(loss), promoted: false });
  delete state.running[id];
}

/** The best result of the highest rung that has any; undefined before the first that did not fail. */
export function bestOfAsha(
  state: AshaState,
): { id: number; configuration: Configuration; loss: number } | undefined {
  for (let rung = state.rungs.length - 1; rung >= 0; rung--) {
    const [best] = state.rungs[rung]
      .filter(result => !isFailed(result))
      .sort((a, b) => a.loss - b.loss || a.id - b.id);
    if (best) {
      const { id, loss } = best;
      return { id, configuration: state.configurations[id], loss };
    }
  }
  return undefined;
}
