import { InferenceError } from './InferenceError';
import type { Cancellation } from './ModelRunner';

/**
 * Is asked when a run is about to begin.
 *
 * @throws InferenceError `cancelled` where nobody waits for it any more
 */
export function refuseUnwanted(cancellation: Cancellation | undefined): void {
  if (cancellation?.cancelled) {
    throw new InferenceError(
      'cancelled',
      'the caller went away before the run',
    );
  }
}
