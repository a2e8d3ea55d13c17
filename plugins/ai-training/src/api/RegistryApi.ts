import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

/** What the pages of training ask of the registry: which datasets runs read. */
export type RegistryApi = Pick<
  AiRegistryClient,
  'findDatasetVersions' | 'getDatasetVersion'
>;

export const registryApiRef = createApiRef<RegistryApi>().with({
  id: 'plugin.ai-training.registry',
});
