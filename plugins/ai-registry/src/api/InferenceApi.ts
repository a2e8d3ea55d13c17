import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';

/** What the registry's pages ask of inference: what runs, and who serves it. */
export type InferenceApi = Pick<
  AiInferenceClient,
  'listDeployments' | 'listDataPlanes' | 'listEnvironments'
>;

export const inferenceApiRef = createApiRef<InferenceApi>().with({
  id: 'plugin.ai-registry.inference',
});
