import type { NamedObject } from '@greenroom/cluster-client';
import type { V1ServiceAccount } from '@kubernetes/client-node';
import type { Workload } from './Workload';

export function serviceAccount({
  metadata,
}: Workload): V1ServiceAccount & NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
    // Its pods never ask the cluster.
    automountServiceAccountToken: false,
  };
}
