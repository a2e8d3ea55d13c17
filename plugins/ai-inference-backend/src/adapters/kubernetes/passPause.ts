import { ClusterError } from '@greenroom/cluster-client';
import { restartPauseMillis } from '../localProcess/restartPause';

/** One question for each that waits: a cluster that is back is not kept waiting for long. */
const LONGEST_AWAY_MILLIS = 30_000;

/**
 * Pause before a pass that failed is made again.
 *
 * @param attempts - how many failed in a row, at least 1
 * @param error - why the last one did: what a cluster refuses, only people change, but one that does not answer comes
 *   back at any moment
 */
export function passPauseMillis(attempts: number, error: unknown): number {
  const pauseMillis = restartPauseMillis(attempts);
  const isAway =
    error instanceof ClusterError && error.statusCode === undefined;
  return isAway ? Math.min(pauseMillis, LONGEST_AWAY_MILLIS) : pauseMillis;
}
