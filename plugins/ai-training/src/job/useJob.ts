import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import {
  type JobEvent,
  SIGNAL_CHANNEL,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { isOpen } from '../jobs/jobTimes';

const BUSY_POLL_MILLIS = 4_000;
const IDLE_POLL_MILLIS = 60_000;

/** A job and the states that it was in, kept fresh. */
export function useJob(
  id: string,
): Live<{ job: TrainingJob; events: JobEvent[] }> {
  const training = useApi(aiTrainingApiRef);
  return useLive(
    async signal => {
      const [job, events] = await Promise.all([
        training.getJob(id, { signal }),
        training.listJobEvents(id, { signal }),
      ]);
      return { job, events: events.items };
    },
    [id],
    {
      channel: SIGNAL_CHANNEL,
      matches: ({ job }: { job: string }) => job === id,
      pollMillis: value =>
        !value || isOpen(value.job) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
}
