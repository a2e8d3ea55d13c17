import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError unless the level lies between 0 and 1. */
export function assertAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) {
    throw new InvalidArgumentError(
      `alpha must lie between 0 and 1 (0.05 is 5 %), got ${alpha}`,
    );
  }
}
