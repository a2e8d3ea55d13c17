import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';

/** What the pages ask of monitoring. */
export type AiMonitoringApi = Pick<
  AiMonitoringClient,
  keyof AiMonitoringClient
>;

export const aiMonitoringApiRef = createApiRef<AiMonitoringApi>().with({
  id: 'plugin.ai-monitoring.client',
});
