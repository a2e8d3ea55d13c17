import {
  ClusterClient,
  kubeConfigOf,
  type KubernetesConfig,
} from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { InferenceParts } from '../inferenceParts';
import { ClusterService } from './ClusterService';
import { createClusterRouter } from './createClusterRouter';
import { namedClusters } from './namedClusters';

/** What the clusters have that environments name. */
export function createClusters(
  parts: Pick<InferenceParts, 'config' | 'httpAuth' | 'permissions'> & {
    flavors: readonly Flavor[];
    kubernetes: KubernetesConfig;
  },
) {
  const clusters = namedClusters(parts.config.environments).map(cluster => ({
    ...cluster,
    client: new ClusterClient(kubeConfigOf(parts.kubernetes, cluster.name)),
  }));
  const service = new ClusterService({ ...parts, clusters });
  return { router: createClusterRouter({ ...parts, clusters: service }) };
}
