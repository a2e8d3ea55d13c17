import type {
  FlavorToleration,
  PodNeeds,
} from '@greenroom/plugin-ai-registry-common';
import type {
  V1PodSpec,
  V1Probe,
  V1TopologySpreadConstraint,
} from '@kubernetes/client-node';
import type { Workload } from './Workload';

/**
 * The network of a cluster hears of a pod that is to end a moment later: for so long that is not told
 * to the pod, which serves on, whether somebody asks just then or not.
 */
export const UNTOLD_SECONDS = 5;
/** A node of which the cluster hears nothing has its pods made elsewhere after so long. */
const GONE_NODE_SECONDS = 30;

/** Where pods may run. */
export function placeOf({
  nodeSelector,
  runtimeClass,
}: PodNeeds): Pick<V1PodSpec, 'nodeSelector' | 'runtimeClassName'> {
  return {
    ...(nodeSelector && { nodeSelector }),
    ...(runtimeClass !== undefined && { runtimeClassName: runtimeClass }),
  };
}

/**
 * One node that is gone takes as few of them as can be, and they come back elsewhere soon. Only pods of the same
 * revision are counted: those that are about to go would push all new ones to one node.
 */
export function spreadOf({
  podSelector,
}: Workload): V1TopologySpreadConstraint[] {
  return [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: podSelector,
      matchLabelKeys: ['pod-template-hash'],
    },
  ];
}

/** Of nodes that are gone for a moment, and of those of the flavor. */
export function tolerationsOf({
  tolerations = [],
}: PodNeeds): (FlavorToleration & { tolerationSeconds?: number })[] {
  return [
    ...['not-ready', 'unreachable'].map(trouble => ({
      key: `node.kubernetes.io/${trouble}`,
      operator: 'Exists' as const,
      effect: 'NoExecute' as const,
      tolerationSeconds: GONE_NODE_SECONDS,
    })),
    ...tolerations,
  ];
}

export function probe(
  path: string,
  options: { port: string; seconds: number; failures: number },
): V1Probe {
  const { port, seconds, failures } = options;
  return {
    httpGet: { path, port },
    periodSeconds: seconds,
    timeoutSeconds: 5,
    failureThreshold: failures,
  };
}
