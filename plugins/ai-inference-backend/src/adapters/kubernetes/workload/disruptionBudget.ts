import type { NamedObject } from '@greenroom/cluster-client';
import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { Workload } from './Workload';

export function disruptionBudget({
  metadata,
  podSelector,
}: Workload): V1PodDisruptionBudget & NamedObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: {
      maxUnavailable: 1,
      selector: podSelector,
      // One that does not answer protects nobody.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
