import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiTrainingClient } from '@greenroom/plugin-ai-training-common';

/** What the registry's pages ask of training: which runs read a dataset, and to have versions converted. */
export type TrainingApi = Pick<
  AiTrainingClient,
  'listDatasetUses' | 'findConversion' | 'convertVersion'
>;

export const trainingApiRef = createApiRef<TrainingApi>().with({
  id: 'plugin.ai-registry.training',
});
