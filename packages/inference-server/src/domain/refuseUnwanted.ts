import { InferenceError } from './InferenceError';
import type { Cancellation } from './ModelRunner';

/**
 * Is asked when a run is about to begin.
 *
 * @throws InferenceError `cancelled` or `deadline` where nobody waits for it any more
 */
export function refuseUnwanted(cancellation: Cancellation | undefined): void {
  if (cancellation === undefined) return;
  const { deadlineMillis } = cancellation;
  if (deadlineMillis !== undefined && performance.now() >= deadlineMillis) {
    throw new InferenceError(
      'deadline',
      "the request's time was over before it was computed",
    );
  }
  if (cancellation.cancelled) {
    throw new InferenceError(
      'cancelled',
      'the caller went away before the run',
    );
  }
}
