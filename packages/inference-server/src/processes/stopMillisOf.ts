import type { Config } from '../config';

const MILLIS_PER_SECOND = 1_000;
/** For what comes after the requests are answered: records, models, the farewell. */
const MORE_MILLIS = 10_000;

/** Longest time that a serving process may take to stop in order. */
export function stopMillisOf(
  config: Pick<Config, 'lameDuckSeconds' | 'drainSeconds'>,
): number {
  const { lameDuckSeconds, drainSeconds } = config;
  return (lameDuckSeconds + drainSeconds) * MILLIS_PER_SECOND + MORE_MILLIS;
}
