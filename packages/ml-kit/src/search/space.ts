import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { nextUniform } from '../random/random';
import type { RandomState } from '../random/random';

/**
 * One thing to be tuned. `float` and `int` are within low and high, both included;
 * with `log` equally likely by order of magnitude (low > 0); with `step` in steps from low,
 * which are integers for `int`.
 */
export type Parameter =
  | { kind: 'float'; low: number; high: number; log?: boolean; step?: number }
  | { kind: 'int'; low: number; high: number; log?: boolean; step?: number }
  | { kind: 'choice'; values: readonly (string | number | boolean)[] };

/** Parameters by name. */
export type SearchSpace = Record<string, Parameter>;

export type ParameterValue = string | number | boolean;

/** A value for each parameter of a space. */
export type Configuration = Record<string, ParameterValue>;

/** Throws InvalidArgumentError, naming the parameter, unless every one has a value to take. */
export function assertSearchSpace(space: SearchSpace): void {
  for (const [name, parameter] of Object.entries(space)) {
    const problem = problemOf(parameter);
    if (problem) {
      throw new InvalidArgumentError(`Parameter '${name}' ${problem}`);
    }
  }
}

function problemOf(parameter: Parameter): string | undefined {
  if (parameter.kind === 'choice') {
    return parameter.values.length > 0 ? undefined : 'has no values';
  }
  const { low, high, log, step, kind } = parameter;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    return `must have finite low <= high, got ${low} and ${high}`;
  }
  if (log && low <= 0)
    return `is logarithmic, so low must be above 0, got ${low}`;
  if (step !== undefined && !(step > 0)) {
    return `must have a positive step, got ${step}`;
  }
  if (kind === 'int' && !(Number.isInteger(low) && Number.isInteger(high))) {
    return `is an integer, so low and high must be, got ${low} and ${high}`;
  }
  if (kind === 'int' && !Number.isInteger(step ?? 1)) {
    return `is an integer, so its step must be, got ${step}`;
  }
  return undefined;
}

/** Width of the rounding on the search scale: 1 for integers, the step, or 0. */
export function stepOf(parameter: Exclude<Parameter, { kind: 'choice' }>) {
  return parameter.step ?? (parameter.kind === 'int' ? 1 : 0);
}

function scaleOf(parameter: Exclude<Parameter, { kind: 'choice' }>) {
  const half = stepOf(parameter) / 2;
  // Half a step beyond each end, so that the end values are as likely as the others.
  const from = parameter.low - half;
  const to = parameter.high + half;
  return parameter.log
    ? { from: Math.log(Math.max(from, parameter.low / 2)), to: Math.log(to) }
    : { from, to };
}

/** Value at position u of [0, 1): linear, logarithmic or by index, rounded to the steps and kept within the ends. */
export function valueAt(parameter: Parameter, u: number): ParameterValue {
  if (parameter.kind === 'choice') {
    const { values } = parameter;
    return values[Math.min(values.length - 1, Math.floor(u * values.length))];
  }
  const { from, to } = scaleOf(parameter);
  const raw = from + u * (to - from);
  const value = parameter.log ? Math.exp(raw) : raw;
  const step = stepOf(parameter);
  const { low, high } = parameter;
  if (step === 0) return Math.min(high, Math.max(low, value));
  const steps = Math.round((value - low) / step);
  const most = Math.floor((high - low) / step + 1e-9);
  return low + Math.min(most, Math.max(0, steps)) * step;
}

/** Position in [0, 1] of a value: the inverse of {@link valueAt} up to rounding. */
export function positionOf(
  parameter: Parameter,
  value: ParameterValue,
): number {
  if (parameter.kind === 'choice') {
    const index = parameter.values.indexOf(value);
    return (index + 0.5) / parameter.values.length;
  }
  const { from, to } = scaleOf(parameter);
  const raw = parameter.log ? Math.log(Number(value)) : Number(value);
  return to > from ? Math.min(1, Math.max(0, (raw - from) / (to - from))) : 0.5;
}

/** Configuration at a point of the unit cube; one coordinate a parameter in the order of the space. */
export function configurationAt(
  space: SearchSpace,
  point: ArrayLike<number>,
): Configuration {
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter], i) => [
      name,
      valueAt(parameter, point[i]),
    ]),
  );
}

/** A configuration drawn at random. */
export function sampleConfiguration(
  space: SearchSpace,
  random: RandomState,
): Configuration {
  return configurationAt(
    space,
    Object.keys(space).map(() => nextUniform(random)),
  );
}
