import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom } from '../random/random';
import type { RandomState } from '../random/random';
import { isFailed, storedLoss } from './searcher';
import { assertSearchSpace, sampleConfiguration } from './space';
import type { Configuration, SearchSpace } from './space';

/** One round of a bracket: so many trials, each trained up to so much in all. */
export interface Rung {
  trials: number;
  /** In whatever unit the budget is in: epochs, rows, minutes. */
  resource: number;
}

/** Rounds of one successive halving: each keeps floor(trials / eta) of the one before, and trains eta times as long. */
export type Bracket = Rung[];

/** Largest s with eta^s <= ratio, without the rounding of logarithms. */
function floorLog(ratio: number, eta: number): number {
  let s = 0;
  for (let power = eta; power <= ratio * (1 + 1e-12); power *= eta) s++;
  return s;
}

/** Successive halving of `trials` from `minResource` to `maxResource`. Source: Jamieson and Talwalkar, AISTATS 2016. */
export function successiveHalvingBracket(options: {
  trials: number;
  minResource: number;
  maxResource: number;
  eta?: number;
}): Bracket {
  const { trials, minResource, maxResource, eta = 3 } = options;
  if (
    !(
      minResource > 0 &&
      maxResource >= minResource &&
      eta > 1 &&
      trials >= 1
    ) ||
    ![maxResource, eta, trials].every(Number.isFinite)
  ) {
    throw new InvalidArgumentError(
      `Expected 0 < minResource <= maxResource, eta > 1 and trials >= 1, all finite, got ${minResource}, ${maxResource}, ${eta} and ${trials}`,
    );
  }
  const rungs = floorLog(maxResource / minResource, eta) + 1;
  return Array.from({ length: rungs }, (_, i) => ({
    trials: Math.floor(trials / eta ** i),
    resource: minResource * eta ** i,
  })).filter(rung => rung.trials > 0);
}

/**
 * Brackets of Hyperband, from the most trials with little resource each to few with all of it:
 * n = ceil((s_max + 1) eta^s / (s + 1)) trials at R eta^-s.
 * Source: Li et al., Hyperband, JMLR 18 (2018), algorithm 1 (other texts round differently).
 */
export function hyperbandBrackets(maxResource: number, eta = 3): Bracket[] {
  if (
    !(maxResource >= 1 && eta > 1) ||
    ![maxResource, eta].every(Number.isFinite)
  ) {
    throw new InvalidArgumentError(
      `Expected maxResource >= 1 and eta > 1, both finite, got ${maxResource} and ${eta}`,
    );
  }
  const most = floorLog(maxResource, eta);
  return Array.from({ length: most + 1 }, (_, i) => {
    const s = most - i;
    const trials = Math.ceil(((most + 1) / (s + 1)) * eta ** s - 1e-9);
    return Array.from({ length: s + 1 }, (_r, rung) => ({
      trials: Math.floor(trials / eta ** rung),
      resource: maxResource * eta ** (rung - s),
    }));
  });
}

interface RungTrial {
  id: number;
  configuration: Configuration;
  started: boolean;
  loss?: number;
}

/** State of a search that runs brackets one after the other; a plain object. */
export interface HalvingState {
  formatVersion: 1;
  random: RandomState;
  brackets: Bracket[];
  bracket: number;
  rung: number;
  /** Of the current rung. */
  trials: RungTrial[];
  nextId: number;
  /** Absent before the first trial that did not fail. */
  best?: { id: number; configuration: Configuration; loss: number };
}

/** What to do next: train the trial until it has had `resource` in all; the same id goes on from its checkpoint. */
export interface HalvingSuggestion {
  id: number;
  configuration: Configuration;
  resource: number;
}

/** Search through the given brackets: one of {@link successiveHalvingBracket}, or those of {@link hyperbandBrackets}. */
export function createHalving(brackets: Bracket[], seed = 1): HalvingState {
  return {
    formatVersion: 1,
    random: createRandom(seed),
    brackets,
    bracket: 0,
    rung: 0,
    trials: [],
    nextId: 0,
  };
}

/** The next trial of the rung; undefined when all of them are out (report first) or every bracket is finished. */
export function suggestHalving(
  state: HalvingState,
  space: SearchSpace,
): HalvingSuggestion | undefined {
  assertFormatVersion('state of the search', state);
  assertSearchSpace(space);
  const rung = state.brackets[state.bracket]?.[state.rung];
  if (!rung) return undefined;
  let trial = state.trials.find(other => !other.started);
  if (!trial && state.rung === 0 && state.trials.length < rung.trials) {
    trial = {
      id: state.nextId++,
      configuration: sampleConfiguration(space, state.random),
      started: false,
    };
    state.trials.push(trial);
  }
  if (!trial) return undefined;
  trial.started = true;
  const { id, configuration } = trial;
  return { id, configuration, resource: rung.resource };
}

/** True when every bracket is finished. */
export function isHalvingFinished(state: HalvingState): boolean {
  return state.bracket >= state.brackets.length;
}

/** Puts the loss of a trial at its rung in; when the rung is complete the best go on, never one that failed. Throws InvalidArgumentError for an id that is not waiting. */
export function reportHalving(
  state: HalvingState,
  id: number,
  loss: number,
): void {
  assertFormatVersion('state of the search', state);
  const trial = state.trials.find(other => other.id === id);
  if (!trial?.started || trial.loss !== undefined) {
    throw new InvalidArgumentError(
      `Trial ${id} is not waiting for a result in rung ${state.rung} of bracket ${state.bracket}`,
    );
  }
  const stored = storedLoss(loss);
  trial.loss = stored;
  const isBest = !state.best || stored < state.best.loss;
  if (isBest && !isFailed({ loss: stored })) {
    state.best = { id, configuration: trial.configuration, loss: stored };
  }
  const bracket = state.brackets[state.bracket];
  const isComplete =
    (state.rung > 0 || state.trials.length >= bracket[state.rung].trials) &&
    state.trials.every(other => other.loss !== undefined);
  if (!isComplete) return;
  const next = bracket[state.rung + 1];
  const going = [...state.trials]
    .filter(other => !isFailed({ loss: other.loss ?? 0 }))
    .sort((a, b) => (a.loss ?? 0) - (b.loss ?? 0) || a.id - b.id)
    .slice(0, next?.trials ?? 0);
  if (going.length === 0) {
    state.bracket++;
    state.rung = 0;
    state.trials = [];
    return;
  }
  state.rung++;
  state.trials = going.map(({ id: kept, configuration }) => ({
    id: kept,
    configuration,
    started: false,
  }));
}
