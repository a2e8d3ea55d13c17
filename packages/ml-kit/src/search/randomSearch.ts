import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom } from '../random/random';
import type { RandomState } from '../random/random';
import type { SearchState, TrialResult } from './searcher';
import { storedLoss } from './searcher';
import { assertSearchSpace, sampleConfiguration } from './space';
import type { Configuration, SearchSpace } from './space';

export interface RandomSearchState extends SearchState {
  random: RandomState;
}

/** Random search: the yardstick for every other one. */
export function createRandomSearch(seed = 1): RandomSearchState {
  return { formatVersion: 1, results: [], random: createRandom(seed) };
}

/** A configuration independent of all results. */
export function suggestRandom(
  state: RandomSearchState,
  space: SearchSpace,
): Configuration {
  assertFormatVersion('state of the search', state);
  assertSearchSpace(space);
  return sampleConfiguration(space, state.random);
}

/**
 * Puts a result into any search that keeps a plain list of them. Throws InvalidArgumentError, and changes
 * nothing, unless it has a configuration by names and a number as loss.
 */
export function reportResult(state: SearchState, result: TrialResult): void {
  assertFormatVersion('state of the search', state);
  const { configuration } = Object(result) as Partial<TrialResult>;
  if (
    typeof configuration !== 'object' ||
    configuration === null ||
    Array.isArray(configuration)
  ) {
    throw new InvalidArgumentError(
      `Report a result as { configuration, loss } with the suggested configuration, got ${JSON.stringify(
        result,
      )}`,
    );
  }
  state.results.push({ ...result, loss: storedLoss(result.loss) });
}
