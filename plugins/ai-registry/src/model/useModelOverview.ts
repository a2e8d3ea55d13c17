import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import {
  type ModelOverview,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

/** A model with its versions and what Git says of it, from one read. */
export function useModelOverview(name: string): Live<ModelOverview> {
  const registry = useApi(aiRegistryApiRef);
  return useLive(
    signal => registry.getModelOverview(name, { signal }),
    [name],
    {
      channel: SIGNAL_CHANNEL,
      matches: (message: { model?: unknown }) => message.model === name,
    },
  );
}
