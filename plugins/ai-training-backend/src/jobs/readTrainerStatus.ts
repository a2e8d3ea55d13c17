import { InputError } from '@backstage/errors';
import { parseDateTime } from '@greenroom/ai-node';
import type { TrainerStatus } from '@greenroom/plugin-ai-training-common';

const DAY_MILLIS = 24 * 60 * 60_000;
/** Of the names and values of all metrics together: 256 of them have room for 64 each. */
const MOST_METRIC_CHARACTERS = 16 * 1024;

/** What a program sends: all of it may be missing. */
export type SentTrainerStatus = Partial<TrainerStatus>;

/**
 * What is kept of how far a program says it is: the fields that are known, and no others, with the moment that it came
 * where none is said.
 *
 * @param sent - as the OpenAPI document allows it
 * @throws InputError that names the field that is wrong
 */
export function readTrainerStatus(
  sent: SentTrainerStatus,
  now: Date,
): TrainerStatus {
  const { progressPercentage, estimatedRemainingSeconds, metrics } = sent;
  const metricCharacters = (metrics ?? []).reduce(
    (sum, { name, value }) => sum + name.length + value.length,
    0,
  );
  if (metricCharacters > MOST_METRIC_CHARACTERS) {
    throw new InputError(
      `trainerStatus.metrics: expected at most ${MOST_METRIC_CHARACTERS} characters of names and values together, got ${metricCharacters}: tell fewer, and log all of them with MLflow`,
    );
  }
  return {
    ...(progressPercentage !== undefined && { progressPercentage }),
    ...(estimatedRemainingSeconds !== undefined && {
      estimatedRemainingSeconds,
    }),
    ...(metrics && {
      metrics: metrics.map(({ name, value }) => ({ name, value })),
    }),
    lastUpdatedTime: readTime(sent.lastUpdatedTime, now).toISOString(),
  };
}

function readTime(text: string | undefined, now: Date): Date {
  if (text === undefined) return now;
  const moment = parseDateTime(text);
  if (!moment) {
    throw new InputError(
      `trainerStatus.lastUpdatedTime '${text}': expected a date and a time with its zone, as ISO 8601 has them, such as 2027-01-31T12:00:00Z`,
    );
  }
  const millis = moment.getTime();
  if (millis < 0 || millis > now.getTime() + DAY_MILLIS) {
    throw new InputError(
      `trainerStatus.lastUpdatedTime '${text}': expected a moment from 1970 to a day from now: leave it out where the machine's clock is wrong`,
    );
  }
  return moment;
}
