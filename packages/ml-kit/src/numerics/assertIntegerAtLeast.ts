import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError, naming the argument, unless the value is an integer of at least `least`. */
export function assertIntegerAtLeast(
  name: string,
  value: number,
  least: number,
): void {
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new InvalidArgumentError(
      `${name} must be an integer of at least ${least}, got ${value}`,
    );
  }
}
