import { InvalidArgumentError } from './InvalidArgumentError';

/**
 * Throws InvalidArgumentError for a stored state (from JSON) of a format that this code does not know: reading
 * it as if it were known would give wrong numbers without a word.
 */
export function assertFormatVersion(
  name: string,
  state: { formatVersion: number },
): void {
  if (state.formatVersion !== 1) {
    throw new InvalidArgumentError(
      `The ${name} has format version ${state.formatVersion}, expected 1: it was stored by another version of this package`,
    );
  }
}
