import { shorten } from '@greenroom/cluster-client';
import type { AttemptEnd } from '@greenroom/plugin-ai-training-common';
import type {
  V1ContainerStateTerminated,
  V1Job,
  V1JobCondition,
  V1Pod,
  V1PodCondition,
} from '@kubernetes/client-node';
import { constants } from 'node:os';
import { readQuantity } from '../../backends/quantity';
import { endingOf, type Ending } from './ending';
import { FETCH_CONTAINER, PROGRAM_CONTAINERS } from './objects/containers';
import { DEADLINE_ANNOTATION } from './objects/labels';
import {
  conditionOf,
  millisOf,
  podCondition,
  statusOf,
  trainerOf,
} from './readStatus';

const SECONDS_A_MINUTE = 60;
const MOST_LINES = 20;
const MOST_LINE_CHARACTERS = 4_000;
/** What shells and container runtimes add to the number of the signal that has ended a process. */
const SIGNAL_OFFSET = 128;
const DISK = /ephemeral|emptydir volume|disk/i;

/** How an attempt has ended, by its Job and its pods. */
export function endOf(job: V1Job, pods: readonly V1Pod[]): AttemptEnd {
  const ending = endingOf(job);
  if (ending?.why === 'disruption') return ending.end;
  if (ending?.why === 'unsafe') {
    return {
      kind: 'refused',
      message: `Kubeflow Trainer has made a pod that is less confined than it is to be: ${ending.message}`,
    };
  }
  if (conditionOf(job, 'Complete')) {
    return disruptionOf(pods) ?? { kind: 'succeeded' };
  }
  if (!conditionOf(job, 'Failed') && pods.length > 0) {
    return disruptionOf(pods) ?? endByCondition(job, ending);
  }
  if (ending?.why === 'image') {
    return { kind: 'image-not-pulled', message: ending.message };
  }
  const culprit = firstToFail(pods);
  const end = culprit && endOfPod(culprit, job);
  return end ?? endByCondition(job, ending);
}

function minutesOf({ metadata }: V1Job): number {
  const seconds = Number(metadata?.annotations?.[DEADLINE_ANNOTATION] ?? 0);
  return Math.ceil(seconds / SECONDS_A_MINUTE);
}

/** The others are ended by the cluster since it has. */
export function firstToFail(pods: readonly V1Pod[]): V1Pod | undefined {
  const failed = pods.filter(({ status }) => status?.phase === 'Failed');
  const [first] = failed.sort(
    (a, b) =>
      Number(wasRemoved(a)) - Number(wasRemoved(b)) || endTime(a) - endTime(b),
  );
  return first;
}

/** By the cluster or somebody, and not by what happened in it or on its node. */
function wasRemoved(pod: V1Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp !== undefined &&
    podCondition(pod, 'DisruptionTarget', 'True') === undefined
  );
}

function endTime(
  pod: V1Pod,
  containers: readonly string[] = [FETCH_CONTAINER, ...PROGRAM_CONTAINERS],
): number {
  const ends = containers.flatMap(
    name => statusOf(pod, name)?.state?.terminated?.finishedAt ?? [],
  );
  return Math.max(0, ...ends.map(millisOf));
}

function endOfPod(pod: V1Pod, job: V1Job): AttemptEnd | undefined {
  const { reason, message = '' } = pod.status ?? {};
  const trainer = trainerOf(pod)?.state?.terminated;
  const disruption = podCondition(pod, 'DisruptionTarget', 'True');
  if (disruption) return evictedBy(disruption, message);
  switch (reason) {
    case 'Evicted':
      return DISK.test(message)
        ? { kind: 'disk-full', message: shorten(message) }
        : { kind: 'evicted', message: shorten(message) };
    case 'Shutdown':
    case 'NodeShutdown':
    case 'Terminated':
      return { kind: 'evicted', message: 'its node was shut down' };
    case 'NodeLost':
      return { kind: 'lost', message: 'its node does not answer any more' };
    case 'DeadlineExceeded':
      return endingOf(job)
        ? toldToEnd(trainer)
        : {
            kind: 'stopped',
            why: { kind: 'deadline', minutes: minutesOf(job) },
          };
    default:
  }
  const fetching = statusOf(pod, FETCH_CONTAINER)?.state?.terminated;
  if (fetching && fetching.exitCode !== 0) return notFetched(fetching);
  if (trainer) return endOfProgram(trainer, pod);
  // A node does not take every pod that it is given.
  return reason !== undefined
    ? { kind: 'not-started', message: `${reason}: ${shorten(message)}` }
    : undefined;
}

/** How an attempt ends whose place is taken away; undefined where none is, or its program had ended before. */
export function disruptionOf(pods: readonly V1Pod[]): AttemptEnd | undefined {
  for (const pod of pods) {
    const condition = podCondition(pod, 'DisruptionTarget', 'True');
    if (!condition) continue;
    const endMillis = endTime(pod, PROGRAM_CONTAINERS);
    const hadEnded =
      endMillis > 0 && endMillis < millisOf(condition.lastTransitionTime);
    if (!hadEnded) return evictedBy(condition, pod.status?.message ?? '');
  }
  return undefined;
}

function evictedBy(
  { reason, message = '' }: V1PodCondition,
  podMessage: string,
): AttemptEnd {
  const words = shorten(message || podMessage);
  switch (reason) {
    case 'PreemptionByScheduler':
      return {
        kind: 'evicted',
        message: `the cluster gave its place to a more important pod: ${words}`,
      };
    case 'DeletionByPodGC':
    case 'DeletionByTaintManager':
      return {
        kind: 'lost',
        message: `its node does not answer any more, or is gone: ${words}`,
      };
    case 'TerminationByKubelet':
      return DISK.test(podMessage)
        ? { kind: 'disk-full', message: shorten(podMessage) }
        : { kind: 'evicted', message: words };
    default:
      return { kind: 'evicted', message: words || `${reason}` };
  }
}

/** It was told to end, and did; what it says itself may be anything. */
function toldToEnd(ended: V1ContainerStateTerminated | undefined): AttemptEnd {
  if (!ended) {
    return {
      kind: 'not-started',
      message: 'it was stopped before its program ran',
    };
  }
  const end = programEnd(ended);
  return ended.exitCode === 0
    ? { ...end, exitCode: undefined, signal: 'SIGTERM' }
    : end;
}

function notFetched({
  exitCode,
  reason,
  message,
}: V1ContainerStateTerminated): AttemptEnd {
  const why =
    message?.trim() ||
    (reason === 'OOMKilled'
      ? 'it took more memory than 1 GiB'
      : `it ended with exit code ${exitCode}`);
  return {
    kind: 'not-started',
    message: `code and data could not be fetched: ${shorten(why)}`,
  };
}

function endOfProgram(
  ended: V1ContainerStateTerminated,
  pod: V1Pod,
): AttemptEnd | undefined {
  switch (ended.reason) {
    case 'OOMKilled':
      return { kind: 'out-of-memory', ...limitOf(pod) };
    case 'StartError':
    case 'ContainerCannotRun':
      return {
        kind: 'not-started',
        message: `its program cannot be started: ${shorten(
          ended.message ?? '',
        )}`,
      };
    case 'ContainerStatusUnknown':
      return {
        kind: 'lost',
        message: 'its node has forgotten it, and does not know how it ended',
      };
    default:
      return ended.exitCode === 0 ? undefined : programEnd(ended);
  }
}

function programEnd({
  exitCode,
  message = '',
}: V1ContainerStateTerminated): Extract<
  AttemptEnd,
  { kind: 'program-failed' }
> {
  const signal = signalOf(exitCode);
  return {
    kind: 'program-failed',
    ...(signal === undefined ? { exitCode } : { signal }),
    lastLines: lastLinesOf(message),
  };
}

function lastLinesOf(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-MOST_LINES)
    .join('\n')
    .slice(-MOST_LINE_CHARACTERS);
}

function signalOf(exitCode: number): string | undefined {
  return Object.entries(constants.signals).find(
    ([, number]) => number === exitCode - SIGNAL_OFFSET,
  )?.[0];
}

function limitOf({ spec }: V1Pod): { limitBytes?: number } {
  const trainer = spec?.containers.find(({ name }) =>
    PROGRAM_CONTAINERS.includes(name),
  );
  const limitBytes = readQuantity(trainer?.resources?.limits?.memory);
  return limitBytes === undefined ? {} : { limitBytes };
}

/** Where its pods are gone, the Job still says how the first of them ended. */
function endByCondition(job: V1Job, ending: Ending | undefined): AttemptEnd {
  const { reason, message = '' } =
    conditionOf(job, 'Failed') ?? ({} as Partial<V1JobCondition>);
  const [, code] = /failed with exit code (\d+)/.exec(message) ?? [];
  if (code !== undefined) {
    return programEnd({ exitCode: Number(code), message: '' });
  }
  if (/has condition DisruptionTarget/.test(message)) {
    return { kind: 'evicted', message: shorten(message) };
  }
  if (ending) return toldToEnd(undefined);
  if (job.kind === 'TrainJob' && job.status?.startTime === undefined) {
    return {
      kind: 'not-started',
      message: `Kubeflow Trainer could not start it: ${shorten(
        message || `${reason}`,
      )}`,
    };
  }
  if (reason === 'DeadlineExceeded') {
    return {
      kind: 'stopped',
      why: { kind: 'deadline', minutes: minutesOf(job) },
    };
  }
  if (!conditionOf(job, 'Failed')) {
    return {
      kind: 'lost',
      message: 'its node does not answer any more, or is gone',
    };
  }
  return {
    kind: 'lost',
    message: `its pods were removed, and nobody saw how they ended${
      message ? `: ${shorten(message)}` : ''
    }`,
  };
}
