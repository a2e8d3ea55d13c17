import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Service } from '@kubernetes/client-node';
import type { Workload } from './Workload';

/** @param ports - by the names that they have in the pods, too */
export function service(
  { metadata, podSelector }: Workload,
  options: {
    ports: readonly { name: string; port: number }[];
    annotations?: Record<string, string>;
  },
): V1Service & NamedObject {
  const { annotations, ports } = options;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, ...(annotations && { annotations }) },
    spec: {
      selector: podSelector.matchLabels,
      ports: ports.map(({ name, port }) => ({
        name,
        port,
        protocol: 'TCP',
        targetPort: name,
      })),
    },
  };
}
