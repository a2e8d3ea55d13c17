import { saltedHash } from '@greenroom/ml-kit';

/** Records carry a unit as a number of so many values; 0 is none. */
const UNITS = 2 ** 48;
/** Parts of a hundred that a share is told apart by. */
const SHARES = 10_000;

/** What stands for an assignment id in records: from 1, below 2^48. */
export function unitOf(salt: string, assignmentId: string): number {
  return saltedHash(salt, assignmentId) % UNITS || 1;
}

/** Where an id lies between 0 and 100, the same each time; unrelated to which version answers it. */
export function percentOf(purpose: string, assignmentId: string): number {
  return ((saltedHash(purpose, assignmentId) % SHARES) * 100) / SHARES;
}

/**
 * Whether a request is one of a sample: with an id all of its caller's are or none, else it is left to chance.
 *
 * @param purpose - samples of other purposes are others
 * @param random - uniform in [0, 1)
 */
export function isSampled(
  purpose: string,
  percent: number,
  assignmentId: string | undefined,
  random: () => number,
): boolean {
  const place =
    assignmentId === undefined
      ? random() * 100
      : percentOf(purpose, assignmentId);
  return place < percent;
}
