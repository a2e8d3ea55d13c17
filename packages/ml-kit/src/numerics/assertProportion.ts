import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError unless 0 <= successes <= trials and both are finite. */
export function assertProportion(successes: number, trials: number): void {
  if (!(successes >= 0 && successes <= trials && trials < Infinity)) {
    throw new InvalidArgumentError(
      `Expected 0 <= successes <= trials, got ${successes} of ${trials}`,
    );
  }
}
