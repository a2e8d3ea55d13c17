import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

/** What the dashboard asks of the registry: whether a model exists, and what a version's numbers mean. */
export type VersionsApi = Pick<AiRegistryClient, 'getModel' | 'getVersion'>;

export const versionsApiRef = createApiRef<VersionsApi>().with({
  id: 'plugin.ai-monitoring.versions',
});
