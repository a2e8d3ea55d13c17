import { InvalidArgumentError } from '../numerics/InvalidArgumentError';

/** Throws InvalidArgumentError, naming the row, unless each has one value a feature; `name` begins the message. */
export function assertRowLengths(
  name: string,
  rows: readonly ArrayLike<number>[],
  features: number,
): void {
  rows.forEach((row, i) => {
    if (row.length !== features) {
      throw new InvalidArgumentError(
        `${name} ${i} has ${row.length} values, expected ${features}`,
      );
    }
  });
}
