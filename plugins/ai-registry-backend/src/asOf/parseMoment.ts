import { InputError } from '@backstage/errors';

/** With a time zone: without one, the answer would depend on where the server stands. */
const MOMENT =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * Reads the parameter `at`, to the millisecond.
 *
 * @throws InputError when it is not a moment of RFC 3339
 */
export function parseMoment(at: string): Date {
  const moment = MOMENT.test(at) ? new Date(at) : undefined;
  if (!moment || Number.isNaN(moment.getTime())) {
    throw new InputError(
      `at: '${at}' is not a moment with its time zone, such as 2026-05-03T12:00:00Z`,
    );
  }
  return moment;
}
