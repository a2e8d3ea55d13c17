import type { NamedObject } from '@greenroom/cluster-client';
import type { V1NetworkPolicy } from '@kubernetes/client-node';
import type { Workload } from './Workload';

/** Has pods reached at these ports alone. */
export function networkPolicy(
  { metadata, podSelector }: Workload,
  ports: readonly number[],
): V1NetworkPolicy & NamedObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector,
      policyTypes: ['Ingress'],
      ingress: [{ ports: ports.map(port => ({ protocol: 'TCP', port })) }],
    },
  };
}
