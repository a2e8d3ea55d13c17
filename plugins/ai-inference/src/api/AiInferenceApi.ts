import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';

/** What the pages ask of the inference control plane. */
export type AiInferenceApi = Pick<AiInferenceClient, keyof AiInferenceClient>;

export const aiInferenceApiRef = createApiRef<AiInferenceApi>().with({
  id: 'plugin.ai-inference.client',
});
