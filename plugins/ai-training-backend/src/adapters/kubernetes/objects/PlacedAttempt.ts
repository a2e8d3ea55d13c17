import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { WantedAttempt } from '../../../backends/TrainingBackend';
import type { TrainingPlace } from '../settings';

/** What is wanted, and where. */
export interface PlacedAttempt {
  wanted: WantedAttempt;
  place: TrainingPlace;
  installation: string;
  /** Undefined where the job names none. */
  flavor: Flavor | undefined;
}

/** Of the LocalQueue that its team's jobs wait in; undefined where Kueue does not decide. */
export function queueOf({ wanted, place }: PlacedAttempt): string | undefined {
  return place.kueue?.teams[wanted.team] ?? place.kueue?.queue;
}
