import type { StartReason } from '@greenroom/plugin-ai-training-common';
import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import type { ObservedAttempt } from '../../backends/TrainingBackend';
import { endOf } from './describeEnd';
import { endingOf } from './ending';
import {
  conditionOf,
  hasEnded,
  isFinished,
  millisOf,
  newestOfEachIndex,
  startOf,
} from './readStatus';
import { whyNotRunning } from './whyNotRunning';

type State = ObservedAttempt['state'];

/** A node that does not answer for so long after it was told to end a pod, is taken for lost. */
const LOST_MILLIS = 5 * 60_000;

/**
 * How an attempt stands, by its Job and its pods.
 *
 * @param options.pods - of the Job, in any order, those too that are being removed
 * @param options.events - about the Job, where it has no pods
 */
export function describeAttempt(options: {
  job: V1Job;
  pods: readonly V1Pod[];
  events?: readonly CoreV1Event[];
  /** Where it waits for Kueue, and why; undefined where Kueue has no say. */
  queue?: StartReason;
  /** Why those do nothing about it who are to; undefined where they do. */
  trouble?: string;
  nowMillis: number;
}): State {
  const { job, nowMillis } = options;
  const pods = newestOfEachIndex(options.pods);
  const startedAt = startOf(pods);
  if (isOver(job, pods, nowMillis)) {
    return {
      phase: 'ended',
      end: endOf(job, pods),
      ...(startedAt !== undefined && { startedAt }),
    };
  }
  const nodes = job.spec?.completions ?? 1;
  // Of a Job that was suspended they are seen for a while after they have ended.
  const hasAll = pods.filter(
    pod =>
      startOf([pod]) !== undefined && !(job.spec?.suspend && hasEnded(pod)),
  );
  if (startedAt !== undefined && hasAll.length >= nodes) {
    return { phase: 'running', startedAt };
  }
  return { phase: 'starting', reason: whyNotRunning({ ...options, pods }) };
}

/** Whether nothing of it runs, and nothing will. */
function isOver(
  job: V1Job,
  pods: readonly V1Pod[],
  nowMillis: number,
): boolean {
  const isLeft = pods.some(pod => !hasEnded(pod) && !isLost(pod, nowMillis));
  if (isLeft) return false;
  if (isFinished(job)) return true;
  if (pods.some(pod => !hasEnded(pod))) return true;
  const { active = 0, terminating = 0 } = job.status ?? {};
  return (
    endingOf(job) !== undefined &&
    job.spec?.suspend === true &&
    conditionOf(job, 'Suspended') !== undefined &&
    active + terminating === 0
  );
}

/** Its node does not say that it has ended, long after it was to. */
function isLost({ metadata }: V1Pod, nowMillis: number): boolean {
  const { deletionTimestamp } = metadata ?? {};
  return (
    deletionTimestamp !== undefined &&
    nowMillis - millisOf(deletionTimestamp) > LOST_MILLIS
  );
}
