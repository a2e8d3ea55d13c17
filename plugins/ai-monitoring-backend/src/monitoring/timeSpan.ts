import { InputError } from '@backstage/errors';
import { parseMoment } from '@greenroom/ai-node';
import type { TimeRange } from '@greenroom/plugin-ai-monitoring-common';

const DAY_MILLIS = 24 * 60 * 60_000;
/** Nothing is kept longer by default, and whoever asks for more than a year gets no chart to read. */
export const MAX_SPAN_DAYS = 366;
/** The records of a clock that is a little ahead are shown too. */
const LATEST_AHEAD_MILLIS = DAY_MILLIS;

/** @throws InputError unless both are times, `from` is before `to`, and by at most 366 days */
export function parseTimeSpan(
  { from, to }: TimeRange,
  now: Date,
): {
  fromMillis: number;
  toMillis: number;
} {
  const [fromMillis, toMillis] = [from, to].map(text =>
    parseMoment(text)?.getTime(),
  );
  if (fromMillis === undefined || toMillis === undefined) {
    throw new InputError(
      `from is '${from}' and to is '${to}', but both must be ISO 8601 times, such as 2027-01-31T00:00:00Z`,
    );
  }
  if (fromMillis >= toMillis) {
    throw new InputError(
      `from is ${from}, which is not before to, ${to}: swap them`,
    );
  }
  if (toMillis - fromMillis > MAX_SPAN_DAYS * DAY_MILLIS) {
    throw new InputError(
      `from ${from} to ${to} are more than ${MAX_SPAN_DAYS} days: ask for a shorter range`,
    );
  }
  if (toMillis > now.getTime() + LATEST_AHEAD_MILLIS) {
    throw new InputError(
      `to is ${to}, which is more than a day in the future: end the range now, ${now.toISOString()}`,
    );
  }
  return { fromMillis, toMillis };
}
