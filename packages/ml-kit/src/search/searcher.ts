import type { Configuration } from './space';

/** A finished trial: lower loss is better. A failed one has an infinite loss. */
export interface TrialResult {
  configuration: Configuration;
  loss: number;
}

/**
 * How every search works: its state is a plain object (store it as JSON and go on later),
 * `suggest...` functions change it and return a configuration to try, `report...`
 * functions put a result in. With the same seed and the same order of calls the
 * suggestions are the same. To maximize, report the negative.
 */
export interface SearchState {
  formatVersion: 1;
  /** Results so far, in order of their reports. */
  results: TrialResult[];
}

/** The best result so far; undefined before the first that did not fail. */
export function bestResult(state: SearchState): TrialResult | undefined {
  let best: TrialResult | undefined;
  for (const result of state.results) {
    if (result.loss < (best?.loss ?? Number.MAX_VALUE)) best = result;
  }
  return best;
}

/** Loss as it is stored. JSON has neither NaN nor infinities: NaN and Infinity are a failed trial, the largest double. */
export function storedLoss(loss: number): number {
  if (Number.isNaN(loss)) return Number.MAX_VALUE;
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, loss));
}
