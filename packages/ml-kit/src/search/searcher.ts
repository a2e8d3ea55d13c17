import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
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
    if (isFailed(result)) continue;
    if (!best || result.loss < best.loss) best = result;
  }
  return best;
}

/** Whether a stored loss is that of a failed trial, see {@link storedLoss}. */
export function isFailed({ loss }: { loss: number }): boolean {
  return loss >= Number.MAX_VALUE;
}

/**
 * Loss as it is stored. JSON has neither NaN nor infinities: NaN and Infinity are a failed trial, the largest double.
 * Throws InvalidArgumentError for what is not a number: a misspelt field would else look like a failed trial.
 */
export function storedLoss(loss: number): number {
  if (typeof loss !== 'number') {
    throw new InvalidArgumentError(
      `The loss of a trial must be a number (NaN when it failed), got ${typeof loss}`,
    );
  }
  if (Number.isNaN(loss)) return Number.MAX_VALUE;
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, loss));
}
