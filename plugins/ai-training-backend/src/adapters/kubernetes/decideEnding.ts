import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { ObservedAttempt } from '../../backends/TrainingBackend';
import { disruptionOf } from './describeEnd';
import { hasEnded, millisOf, trainerOf } from './readStatus';
import { endingOf, EXPIRED_SECONDS, type EndingReason } from './ending';
import { DEADLINE_ANNOTATION, isGivenToKueue } from './objects/labels';

/** A cluster and we do not have the same clock to the second. */
const SPARE_MILLIS = 2_000;
const SECOND_MILLIS = 1_000;
/** It will not become one by waiting. */
const NO_IMAGE = /no valid name/;

/** What is to be done so that an attempt ends. */
export type EndingAction =
  /** It is to end; what that takes is decided when the cluster has told of the mark. */
  | { kind: 'mark'; reason: EndingReason }
  /** Its program has its time from now on, whether anybody looks or not. */
  | { kind: 'limit'; pod: V1Pod; seconds: number }
  /** Its program is told to end, and the pod stays, with how it ended and its log. */
  | { kind: 'end'; pod: V1Pod }
  /** Its program ends at once. */
  | { kind: 'kill'; pod: V1Pod }
  /** No pod is made any more, and what waits for a place is gone. */
  | { kind: 'suspend' }
  /** The same of one that Kueue holds: it would let a suspended one run again that has its quota. */
  | { kind: 'expire' };

/**
 * What is to be done now of an attempt that has not ended. A pod's own deadline ends its program and leaves all else,
 * other than removing it.
 */
export function decideEnding(options: {
  job: V1Job;
  pods: readonly V1Pod[];
  state: ObservedAttempt['state'];
  imageSeconds: number;
  /** In what its pods are less confined than they are to be; undefined where they are not. */
  weakness?: string;
  nowMillis: number;
}): EndingAction[] {
  const { job, pods, nowMillis } = options;
  const ending = endingOf(job);
  if (!ending) {
    const reason = reasonToEnd(options);
    return reason ? [{ kind: 'mark', reason }] : limitsOf(job, pods);
  }
  const active = pods.filter(pod => !hasEnded(pod));
  const onNodes = active.filter(({ status }) => status?.startTime);
  if (onNodes.length === 0) return haltOf(job);
  const isLate = nowMillis > Date.parse(ending.until) + SPARE_MILLIS;
  return onNodes.flatMap((pod): EndingAction[] => {
    if (pod.spec?.activeDeadlineSeconds !== 1) return [{ kind: 'end', pod }];
    const isKilled = pod.metadata?.deletionGracePeriodSeconds === 1;
    return isLate && !isKilled ? [{ kind: 'kill', pod }] : [];
  });
}

function haltOf(job: V1Job): EndingAction[] {
  const { suspend, activeDeadlineSeconds } = job.spec ?? {};
  if (isGivenToKueue(job)) {
    return activeDeadlineSeconds === EXPIRED_SECONDS
      ? []
      : [{ kind: 'expire' }];
  }
  return suspend ? [] : [{ kind: 'suspend' }];
}

/**
 * A pod's time counts from when its node takes it, and images may take long: it has more at first, and what is right once
 * its program runs.
 */
function limitsOf(job: V1Job, pods: readonly V1Pod[]): EndingAction[] {
  const allowed = Number(job.metadata?.annotations?.[DEADLINE_ANNOTATION]);
  return pods.flatMap((pod): EndingAction[] => {
    const { startedAt } = trainerOf(pod)?.state?.running ?? {};
    const { startTime } = pod.status ?? {};
    if (!startedAt || !startTime) return [];
    const before = millisOf(startedAt) - millisOf(startTime);
    const seconds = Math.max(0, Math.ceil(before / SECOND_MILLIS)) + allowed;
    const { activeDeadlineSeconds = Infinity } = pod.spec ?? {};
    return seconds < activeDeadlineSeconds
      ? [{ kind: 'limit', pod, seconds }]
      : [];
  });
}

function reasonToEnd({
  pods,
  state,
  imageSeconds,
  weakness,
  nowMillis,
}: Parameters<typeof decideEnding>[0]): EndingReason | undefined {
  if (weakness !== undefined) return { why: 'unsafe', message: weakness };
  const end = disruptionOf(pods);
  if (end) return { why: 'disruption', end };
  if (state.phase !== 'starting' || state.reason.kind !== 'image-not-pulled') {
    return undefined;
  }
  const { message } = state.reason;
  const starts = pods.flatMap(({ status }) =>
    status?.startTime ? [new Date(status.startTime).getTime()] : [],
  );
  const triedMillis = nowMillis - Math.min(nowMillis, ...starts);
  const isForGood =
    NO_IMAGE.test(message) || triedMillis > imageSeconds * 1_000;
  return isForGood ? { why: 'image', message } : undefined;
}
