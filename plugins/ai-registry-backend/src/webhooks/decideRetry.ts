/** Tries of one delivery, the first included. */
export const MOST_ATTEMPTS = 10;

const FIRST_MILLIS = 1_000;
const LONGEST_MILLIS = 60 * 60 * 1_000;
const FACTOR = 4;

/**
 * How long to wait until a delivery that failed is tried again, in milliseconds; undefined: never.
 *
 * @param failed - its tries so far, at least 1, and how long it is still of use
 * @param random - from 0 to 1: those that failed together do not come together again
 */
export function decideRetry(
  failed: { attempts: number; leftMillis: number },
  random: number,
): number | undefined {
  const { attempts, leftMillis } = failed;
  if (attempts >= MOST_ATTEMPTS) return undefined;
  const longest = Math.min(
    LONGEST_MILLIS,
    FIRST_MILLIS * FACTOR ** (attempts - 1),
  );
  const waitMillis = Math.round(longest * (0.5 + random / 2));
  return waitMillis < leftMillis ? waitMillis : undefined;
}
