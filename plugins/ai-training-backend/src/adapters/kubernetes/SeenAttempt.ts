import type { V1Pod } from '@kubernetes/client-node';
import type { ObservedAttempt } from '../../backends/TrainingBackend';
import type { AttemptObject } from './AttemptObject';

/** An attempt as it was seen last. */
export interface SeenAttempt {
  observed: ObservedAttempt;
  /** Undefined where it is gone, and not by us. */
  object: AttemptObject | undefined;
  pods: V1Pod[];
}
