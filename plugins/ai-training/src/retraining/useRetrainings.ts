import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import {
  type Retraining,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';

const POLL_MILLIS = 60_000;

/** All models that are trained again by themselves, by environment and model. */
export function useRetrainings(): Live<Retraining[]> {
  const training = useApi(aiTrainingApiRef);
  return useLive(
    async signal => (await training.listRetrainings({}, { signal })).items,
    [],
    {
      channel: SIGNAL_CHANNEL,
      matches: ({ type }: { type: string }) => type === 'retraining-changed',
      pollMillis: POLL_MILLIS,
      keepPrevious: true,
    },
  );
}
