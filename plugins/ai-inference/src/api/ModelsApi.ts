import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

/** What the pages of inference ask of the registry. */
export type ModelsApi = Pick<
  AiRegistryClient,
  | 'listModels'
  | 'getModel'
  | 'getVersion'
  | 'listDesiredDeployments'
  | 'listEnvironmentProblems'
>;

export const modelsApiRef = createApiRef<ModelsApi>().with({
  id: 'plugin.ai-inference.models',
});
