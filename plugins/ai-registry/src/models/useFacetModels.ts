import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import {
  type Model,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

/** Models whose owners and tags are offered as choices. */
const FACET_LIMIT = 100;

/** Models whose owners and tags filters offer; none while they are asked for. */
export function useFacetModels(): Model[] {
  const registry = useApi(aiRegistryApiRef);
  const facets = useLive(
    signal => registry.listModels({ limit: FACET_LIMIT }, { signal }),
    [],
    { channel: SIGNAL_CHANNEL, pollMillis: 60_000 },
  );
  return facets.value?.items ?? [];
}
