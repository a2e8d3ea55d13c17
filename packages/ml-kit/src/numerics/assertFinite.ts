import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError, naming the argument, unless it is a finite number. */
export function assertFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new InvalidArgumentError(
      `${name} must be a finite number, got ${value}`,
    );
  }
}
