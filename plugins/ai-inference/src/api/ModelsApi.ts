import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

/** What the playground and the key dialog ask of the registry. */
export type ModelsApi = Pick<AiRegistryClient, 'listModels' | 'getVersion'>;

export const modelsApiRef = createApiRef<ModelsApi>().with({
  id: 'plugin.ai-inference.models',
});
