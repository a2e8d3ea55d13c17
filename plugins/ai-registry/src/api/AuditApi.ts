import { createApiRef } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import {
  AiRegistryClient,
  type PluginClientOptions,
} from '@greenroom/plugin-ai-registry-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import type { AuditSource } from '../audit/auditLog';

/** The audit logs that there are. */
export interface AuditApi {
  sources: AuditSource[];
}

export const auditApiRef = createApiRef<AuditApi>().with({
  id: 'plugin.ai-registry.audit',
});

/** The logs of the platform's backends; one that is not installed has no entries. */
export function createAuditApi(options: PluginClientOptions): AuditApi {
  const clients = {
    'ai-registry': new AiRegistryClient(options),
    'ai-inference': new AiInferenceClient(options),
    'ai-monitoring': new AiMonitoringClient(options),
    'ai-training': new AiTrainingClient(options),
  };
  return {
    sources: Object.entries(clients).map(([id, client]) => ({
      id,
      async list(query, signal) {
        try {
          return await client.listAudit(query, { signal });
        } catch (error) {
          const isAbsent =
            error instanceof ResponseError && error.statusCode === 404;
          if (isAbsent) return { items: [] };
          throw error;
        }
      },
    })),
  };
}
