import { FIELD_MANAGER } from '@greenroom/cluster-client';
import {
  type Flavor,
  modelServerObjectName,
  type ModelServerSettings,
} from '@greenroom/plugin-ai-registry-common';
import type { V1Pod } from '@kubernetes/client-node';
import { ENVIRONMENT_LABEL, INSTALLATION_LABEL } from '../names';
import type { Workload } from '../workload/Workload';

/** Name of the model server that something was made for. */
export const MODEL_SERVER_LABEL = 'greenroom.dev/model-server';
/**
 * Environment of a model server's pods. They do not carry the label of the environment's own: those who select data
 * planes by it would take them for such.
 */
export const SERVED_ENVIRONMENT_LABEL = 'greenroom.dev/model-server-of';

/** A model server that is to run in a cluster for an environment. */
export interface WantedModelServer {
  environment: string;
  installation: string;
  namespace: string;
  settings: ModelServerSettings;
  /** That the settings name. */
  flavor?: Flavor;
}

export function workloadOf({
  environment,
  installation,
  namespace,
  settings: { name },
}: WantedModelServer): Workload & { podLabels: Record<string, string> } {
  const labels = {
    'app.kubernetes.io/name': 'greenroom-model-server',
    'app.kubernetes.io/managed-by': FIELD_MANAGER,
    [INSTALLATION_LABEL]: installation,
    [MODEL_SERVER_LABEL]: name,
  };
  return {
    metadata: {
      name: modelServerObjectName(environment, name),
      namespace,
      labels: { ...labels, [ENVIRONMENT_LABEL]: environment },
    },
    podSelector: {
      matchLabels: {
        [SERVED_ENVIRONMENT_LABEL]: environment,
        [INSTALLATION_LABEL]: installation,
        [MODEL_SERVER_LABEL]: name,
      },
    },
    podLabels: { ...labels, [SERVED_ENVIRONMENT_LABEL]: environment },
  };
}

/** Whether a pod is one of a model server of the environment, or of this one. */
export function isServerPod(
  { metadata }: V1Pod,
  { environment, server }: { environment: string; server?: string },
): boolean {
  const labels = metadata?.labels;
  return (
    labels?.[SERVED_ENVIRONMENT_LABEL] === environment &&
    (server === undefined || labels[MODEL_SERVER_LABEL] === server)
  );
}
