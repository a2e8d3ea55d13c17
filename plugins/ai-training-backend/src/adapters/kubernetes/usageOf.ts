import type { KubernetesObject } from '@kubernetes/client-node';
import { readUsage } from '../../backends/quantity';
import type { AttemptUsage } from '../../backends/TrainingBackend';
import { PROGRAM_CONTAINERS } from './objects/containers';

/** As `metrics.k8s.io` has it. */
export interface PodMetrics extends KubernetesObject {
  containers?: { name: string; usage?: { cpu?: string; memory?: string } }[];
}

/** Of some pods together; undefined where nothing is known of any. */
export function usageOf(
  metrics: readonly PodMetrics[],
  pods: readonly string[],
): AttemptUsage | undefined {
  const usages = metrics
    .filter(({ metadata }) => pods.includes(metadata?.name ?? ''))
    .flatMap(({ containers = [] }) => containers)
    .filter(({ name }) => PROGRAM_CONTAINERS.includes(name))
    .map(({ usage }) => usage);
  const sumOf = (texts: (string | undefined)[]) => {
    const numbers = texts.flatMap(text => readUsage(text) ?? []);
    return numbers.length === 0
      ? undefined
      : numbers.reduce((sum, number) => sum + number, 0);
  };
  const cpuCores = sumOf(usages.map(usage => usage?.cpu));
  const memoryBytes = sumOf(usages.map(usage => usage?.memory));
  if (cpuCores === undefined && memoryBytes === undefined) return undefined;
  return {
    ...(cpuCores !== undefined && { cpuCores }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
}
