import { FIELD_MANAGER } from '@greenroom/cluster-client';
import {
  DEFAULT_POD_RESOURCES,
  type Flavor,
  type KubernetesDeployerSettings,
  type PodNeeds,
  podNeedsOf,
} from '@greenroom/plugin-ai-registry-common';
import { ENVIRONMENT_LABEL, INSTALLATION_LABEL, nameOf } from '../names';
import type { Workload } from '../workload/Workload';

export const HTTP_PORT = 7080;
export const ADMIN_PORT = 7081;
export const GRPC_PORT = 7082;

/** What is to run in a cluster for an environment. */
export interface WantedDataPlane {
  environment: string;
  installation: string;
  settings: KubernetesDeployerSettings;
  /** That the settings name. */
  flavor?: Flavor;
  controlPlaneUrl: string;
  /** Where callers reach it. */
  publicUrl: string;
}

export function workloadOf({
  environment,
  installation,
  settings,
}: WantedDataPlane): Workload {
  return {
    metadata: {
      name: nameOf(environment),
      namespace: settings.namespace,
      labels: {
        'app.kubernetes.io/name': 'greenroom-data-plane',
        'app.kubernetes.io/managed-by': FIELD_MANAGER,
        [ENVIRONMENT_LABEL]: environment,
        [INSTALLATION_LABEL]: installation,
      },
    },
    podSelector: {
      matchLabels: {
        [ENVIRONMENT_LABEL]: environment,
        [INSTALLATION_LABEL]: installation,
      },
    },
  };
}

export function needsOf({ settings, flavor }: WantedDataPlane): PodNeeds {
  const { nodeSelector, resources } = settings;
  return podNeedsOf({
    resources: { ...DEFAULT_POD_RESOURCES, ...resources },
    nodeSelector,
    flavor,
  });
}

export function tokenSecretNameOf(environment: string): string {
  return `${nameOf(environment)}-token`;
}

/** Where callers within the cluster reach the data planes of an environment. */
export function serviceUrlOf(environment: string, namespace: string): string {
  return `http://${nameOf(environment)}.${namespace}.svc:${HTTP_PORT}`;
}
