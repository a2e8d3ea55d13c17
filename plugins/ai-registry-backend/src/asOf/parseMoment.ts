import { InputError } from '@backstage/errors';
import { parseDateTime } from '@greenroom/ai-node';

/**
 * Reads the parameter `at`, to the millisecond.
 *
 * @throws InputError when it is not a moment of RFC 3339
 */
export function parseMoment(at: string): Date {
  const moment = parseDateTime(at);
  if (!moment) {
    throw new InputError(
      `at: '${at}' is not a moment with its time zone, such as 2026-05-03T12:00:00Z`,
    );
  }
  return moment;
}
