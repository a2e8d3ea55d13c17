import { InvalidArgumentError } from './InvalidArgumentError';

/** Throws InvalidArgumentError, naming the cell, unless every count (or share) is a finite number of at least 0. */
export function assertCounts(name: string, counts: ArrayLike<number>): void {
  for (let i = 0; i < counts.length; i++) {
    if (!(counts[i] >= 0 && counts[i] < Infinity)) {
      throw new InvalidArgumentError(
        `${name} must be finite numbers of at least 0, got ${counts[i]} in cell ${i}`,
      );
    }
  }
}
