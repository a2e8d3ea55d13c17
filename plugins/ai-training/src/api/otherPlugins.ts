import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

/** What the pages ask of the registry, which may not be installed. */
export type RegistryApi = Pick<
  AiRegistryClient,
  | 'findDatasetVersions'
  | 'getDatasetVersion'
  | 'listDatasetVersions'
  | 'searchVersions'
>;

/** What the pages ask of inference, which may not be installed. */
export type InferenceApi = Pick<
  AiInferenceClient,
  'listDeployments' | 'listConsumers'
>;

export const registryApiRef = createApiRef<RegistryApi>().with({
  id: 'plugin.ai-training.registry',
});

export const inferenceApiRef = createApiRef<InferenceApi>().with({
  id: 'plugin.ai-training.inference',
});
