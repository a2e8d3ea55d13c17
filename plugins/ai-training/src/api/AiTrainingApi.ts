import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiTrainingClient } from '@greenroom/plugin-ai-training-common';

/** What the pages ask of training. */
export type AiTrainingApi = Pick<AiTrainingClient, keyof AiTrainingClient>;

export const aiTrainingApiRef = createApiRef<AiTrainingApi>().with({
  id: 'plugin.ai-training.client',
});
