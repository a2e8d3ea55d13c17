import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { useLive } from '@greenroom/ai-react';
import {
  ANNOTATION_MODEL,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

/** The registered model behind the entity whose page is shown. */
export function useEntityModel() {
  const registry = useApi(aiRegistryApiRef);
  const name = useEntityModelName();
  return useLive(signal => registry.getModel(name, { signal }), [name], {
    channel: SIGNAL_CHANNEL,
    matches: message => message.model === name,
  });
}

/** Its name in the registry. */
export function useEntityModelName(): string {
  const { annotations, name } = useEntity().entity.metadata;
  return annotations?.[ANNOTATION_MODEL] ?? name;
}
