import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';

const POLL_MILLIS = 60_000;

/** All templates, by name. */
export function useTemplates(): Live<TrainingTemplate[]> {
  const training = useApi(aiTrainingApiRef);
  return useLive(
    async signal => (await training.listTemplates({ signal })).items,
    [],
    {
      channel: SIGNAL_CHANNEL,
      matches: ({ type }: { type: string }) => type === 'template-changed',
      pollMillis: POLL_MILLIS,
      keepPrevious: true,
    },
  );
}
