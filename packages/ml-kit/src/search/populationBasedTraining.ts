import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, nextInteger, nextUniform } from '../random/random';
import type { RandomState } from '../random/random';
import { storedLoss } from './searcher';
import { assertSearchSpace, sampleConfiguration, valueAt } from './space';
import type {
  Configuration,
  Parameter,
  ParameterValue,
  SearchSpace,
} from './space';

/** State of a population that trains together; a plain object. */
export interface PopulationState {
  formatVersion: 1;
  random: RandomState;
  /** By member. The loss is that of the member's last report. */
  members: { configuration: Configuration; loss?: number; steps: number }[];
}

export interface PopulationOptions {
  /** Default 20. */
  size?: number;
  seed?: number;
}

/** What a member does next. */
export interface PopulationStep {
  configuration: Configuration;
  /** Member whose checkpoint it goes on from; absent: from its own. */
  copyFrom?: number;
}

/** A population of random configurations. Member i starts with `members[i].configuration`. */
export function createPopulation(
  space: SearchSpace,
  options: PopulationOptions = {},
): PopulationState {
  assertSearchSpace(space);
  const { size = 20, seed = 1 } = options;
  if (!(Number.isInteger(size) && size >= 2)) {
    throw new InvalidArgumentError(
      `A population has two members or more, got ${size}`,
    );
  }
  const random = createRandom(seed);
  return {
    formatVersion: 1,
    random,
    members: Array.from({ length: size }, () => ({
      configuration: sampleConfiguration(space, random),
      steps: 0,
    })),
  };
}

/** Numbers go up or down by a fifth, choices to any value one time in four, and one in four anything is drawn anew. */
function explore(
  parameter: Parameter,
  value: ParameterValue,
  random: RandomState,
): ParameterValue {
  const isNew = nextUniform(random) < 0.25;
  const fresh = nextUniform(random);
  if (isNew) return valueAt(parameter, fresh);
  if (parameter.kind === 'choice') return value;
  const factor = fresh < 0.5 ? 0.8 : 1.2;
  const { low, high, step = parameter.kind === 'int' ? 1 : 0 } = parameter;
  const scaled = Number(value) * factor;
  const rounded =
    step > 0 ? low + Math.round((scaled - low) / step) * step : scaled;
  const most =
    step > 0 ? low + Math.floor((high - low) / step + 1e-9) * step : high;
  return Math.min(most, Math.max(low, rounded));
}

/**
 * Reports a member's loss after some training, and says how it goes on: a member of the
 * worst fifth takes over the checkpoint and the varied configuration of one of the best fifth.
 *
 * Nobody is replaced before half the population has reported. Throws InvalidArgumentError for an unknown member. O(size log size).
 * Source: Jaderberg et al., Population Based Training of Neural Networks, arXiv 1711.09846 (truncation 20 %, factors 0.8 and 1.2).
 */
export function stepPopulation(
  state: PopulationState,
  space: SearchSpace,
  member: number,
  loss: number,
): PopulationStep {
  assertFormatVersion('state of the search', state);
  const own = state.members[member];
  if (!own) {
    throw new InvalidArgumentError(
      `There is no member ${member}, expected 0 to ${state.members.length - 1}`,
    );
  }
  own.loss = storedLoss(loss);
  own.steps++;
  const ranked = state.members
    .map((other, index) => ({ index, loss: other.loss }))
    .filter(
      (other): other is { index: number; loss: number } =>
        other.loss !== undefined,
    )
    .sort((a, b) => a.loss - b.loss || a.index - b.index);
  const fifth = Math.max(1, Math.floor(ranked.length / 5));
  const isWorst = ranked.slice(-fifth).some(({ index }) => index === member);
  if (ranked.length < Math.max(2, state.members.length / 2) || !isWorst) {
    return { configuration: own.configuration };
  }
  const { random } = state;
  const copyFrom = ranked[nextInteger(random, fifth)].index;
  const source = state.members[copyFrom];
  own.configuration = Object.fromEntries(
    Object.entries(space).map(([name, parameter]) => [
      name,
      explore(parameter, source.configuration[name], random),
    ]),
  );
  own.loss = source.loss;
  return { configuration: own.configuration, copyFrom };
}
