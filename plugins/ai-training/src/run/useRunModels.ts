import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import type {
  LoggedModelSummary,
  Run,
} from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';

const POLL_MILLIS = 60_000;

/** Logged models that a run made and read, as far as the viewer may read them. */
export function useRunModels(run: Run): Live<LoggedModelSummary[]> {
  const training = useApi(aiTrainingApiRef);
  const ids = [
    ...run.outputs.map(({ modelId }) => modelId),
    ...run.inputModels,
  ];
  return useLive(
    async signal =>
      ids.length === 0
        ? []
        : (await training.listRunModels(run.id, { signal })).items,
    [run.id, ids.join()],
    { pollMillis: POLL_MILLIS, keepPrevious: true },
  );
}
