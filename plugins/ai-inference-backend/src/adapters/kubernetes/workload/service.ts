import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Service } from '@kubernetes/client-node';
import type { Workload } from './Workload';

interface ServicePort {
  name: string;
  port: number;
  /** What is spoken there, where a gateway has to know it. */
  appProtocol?: string;
}

/** @param ports - by the names that they have in the pods, too */
export function service(
  { metadata, podSelector }: Workload,
  options: {
    ports: readonly ServicePort[];
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
      ports: ports.map(({ name, port, appProtocol }) => ({
        name,
        port,
        protocol: 'TCP',
        targetPort: name,
        ...(appProtocol !== undefined && { appProtocol }),
      })),
    },
  };
}
