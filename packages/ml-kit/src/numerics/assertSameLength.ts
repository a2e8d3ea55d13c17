import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError unless all lists have the same length; `names` begins the message. */
export function assertSameLength(
  names: string,
  ...lists: ArrayLike<unknown>[]
): void {
  if (lists.some(list => list.length !== lists[0].length)) {
    throw new InvalidArgumentError(
      `${names} must have the same length, got ${lists
        .map(list => list.length)
        .join(', ')}`,
    );
  }
}
