import type { V1ContainerStatus, V1Job, V1Pod } from '@kubernetes/client-node';
import { PROGRAM_CONTAINERS } from './objects/containers';
import { INDEX_ANNOTATION } from './objects/labels';

/** By time; what it is of, is written before it has ended. */
export function newestOfEachIndex(pods: readonly V1Pod[]): V1Pod[] {
  const newest = new Map<number, V1Pod>();
  const byAge = [...pods].sort(
    (a, b) =>
      millisOf(a.metadata?.creationTimestamp) -
      millisOf(b.metadata?.creationTimestamp),
  );
  for (const pod of byAge) newest.set(indexOf(pod), pod);
  return [...newest.entries()].sort(([a], [b]) => a - b).map(([, pod]) => pod);
}

export function indexOf({ metadata }: V1Pod): number {
  return Number(metadata?.annotations?.[INDEX_ANNOTATION] ?? 0);
}

export function hasEnded({ status }: V1Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/** When the first of them began; ISO 8601. */
export function startOf(pods: readonly V1Pod[]): string | undefined {
  const times = pods.flatMap(pod => {
    const { running, terminated } = trainerOf(pod)?.state ?? {};
    const at = running?.startedAt ?? terminated?.startedAt;
    return at === undefined || at === null ? [] : [millisOf(at)];
  });
  return times.length === 0
    ? undefined
    : new Date(Math.min(...times)).toISOString();
}

export function trainerOf(pod: V1Pod): V1ContainerStatus | undefined {
  return PROGRAM_CONTAINERS.map(name => statusOf(pod, name)).find(
    status => status !== undefined,
  );
}

export function statusOf({ status }: V1Pod, name: string) {
  return [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ].find(one => one.name === name);
}

export function podCondition({ status }: V1Pod, type: string, value: string) {
  return status?.conditions?.find(
    one => one.type === type && one.status === value,
  );
}

/** Undefined where it is not so. */
export function conditionOf({ status }: V1Job, type: string, value = 'True') {
  return status?.conditions?.find(
    one => one.type === type && one.status === value,
  );
}

/** Whether the cluster has done with it. */
export function isFinished(job: V1Job): boolean {
  return ['Complete', 'Failed'].some(type => conditionOf(job, type));
}

/** Clients give times as they like. */
export function millisOf(time: Date | string | undefined): number {
  return time === undefined ? 0 : new Date(time).getTime();
}
