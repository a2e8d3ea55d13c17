import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError, naming the argument, unless it is positive and finite. */
export function assertPositiveFinite(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new InvalidArgumentError(
      `${name} must be a positive, finite number, got ${value}`,
    );
  }
}
