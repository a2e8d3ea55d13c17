import { assertSearchSpace, stepOf, valueAt } from './space';
import type {
  Configuration,
  Parameter,
  ParameterValue,
  SearchSpace,
} from './space';

function valuesOf(parameter: Parameter, points: number): ParameterValue[] {
  if (parameter.kind === 'choice') return [...parameter.values];
  const { low, high, log } = parameter;
  const step = stepOf(parameter);
  const steps =
    step > 0 ? Math.floor((high - low) / step + 1e-9) + 1 : Infinity;
  if (steps <= points) {
    return Array.from({ length: steps }, (_, i) => low + i * step);
  }
  const spread = Array.from({ length: points }, (_, i) => {
    const share = points > 1 ? i / (points - 1) : 0.5;
    const exact = log
      ? low * (high / low) ** share
      : low + share * (high - low);
    return step > 0
      ? low + Math.round((exact - low) / step) * step
      : Math.min(high, Math.max(low, exact));
  });
  return [...new Set(spread)];
}

/** Configurations of the whole grid; a choice has all its values, a number at most `pointsPerNumber`, both ends among them. */
export function gridSize(space: SearchSpace, pointsPerNumber = 5): number {
  return Object.values(space).reduce(
    (size, parameter) => size * valuesOf(parameter, pointsPerNumber).length,
    1,
  );
}

/**
 * The configuration at an index of the grid, the last parameter changing fastest; undefined at its end.
 * The state of a grid search is that index.
 */
export function gridConfiguration(
  space: SearchSpace,
  index: number,
  pointsPerNumber = 5,
): Configuration | undefined {
  assertSearchSpace(space);
  if (!(index >= 0 && index < gridSize(space, pointsPerNumber))) {
    return undefined;
  }
  let rest = index;
  const entries = Object.entries(space)
    .reverse()
    .map(([name, parameter]): [string, ParameterValue] => {
      const values = valuesOf(parameter, pointsPerNumber);
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return [name, value];
    });
  return Object.fromEntries(entries.reverse());
}

/** Value in the middle of each parameter's range: a sensible first trial. */
export function middleConfiguration(space: SearchSpace): Configuration {
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter]) => [
      name,
      valueAt(parameter, 0.5),
    ]),
  );
}
