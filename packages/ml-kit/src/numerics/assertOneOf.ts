import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError, naming the argument, unless it is one of the words. */
export function assertOneOf(
  name: string,
  value: string,
  words: readonly string[],
): void {
  if (!words.includes(value)) {
    throw new InvalidArgumentError(
      `${name} must be one of ${words.join(', ')}, got ${value}`,
    );
  }
}
