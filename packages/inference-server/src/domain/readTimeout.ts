import { InferenceError } from './InferenceError';

/** Longer than anybody waits. */
const MOST_MILLIS = 86_400_000;

/**
 * Reads for how many milliseconds a caller waits.
 *
 * @throws InferenceError `invalid`
 */
export function readTimeout(text: string): number {
  const millis = /^[0-9]{1,8}(?:\.[0-9]{1,6})?$/.test(text)
    ? Number(text)
    : NaN;
  if (millis > 0 && millis <= MOST_MILLIS) return millis;
  throw new InferenceError(
    'invalid',
    `X-Request-Timeout-Ms is ${JSON.stringify(
      text.slice(0, 40),
    )}, expected a number of milliseconds above 0 and up to ${MOST_MILLIS}`,
  );
}
