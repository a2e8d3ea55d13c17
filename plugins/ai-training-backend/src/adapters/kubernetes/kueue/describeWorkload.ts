import { shorten } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import { PRIORITY_CLASS_LABEL } from '../objects/labels';
import { type Workload, workloadCondition } from './Workload';

const MINUTE_MILLIS = 60_000;
/** A manager that runs looks at what is new within moments. */
const PATIENCE_MILLIS = MINUTE_MILLIS;
const MOST_CHECKS = 5;

/** Reasons of the condition `Evicted`. */
const EVICTIONS: Record<string, string> = {
  Preempted: 'its place was given to another one',
  PodsReadyTimeout: 'its pods were not ready in time, and lost their place',
  AdmissionCheck: 'a check has taken its place back',
  ClusterQueueStopped: 'its ClusterQueue is stopped',
  LocalQueueStopped: 'its LocalQueue is stopped',
  NodeFailures: 'its nodes have failed, and it has lost its place',
};
/** Reasons of the condition `Preempted`. */
const PREEMPTIONS: Record<string, string> = {
  InClusterQueue: 'a more important one of its ClusterQueue',
  InCohortReclamation: 'another queue that has taken back what it had lent',
  InCohortFairSharing: 'a queue that had less than its fair share',
  InCohortReclaimWhileBorrowing:
    'a more important one of a queue that borrows, too',
};

/**
 * Why a Job waits for Kueue, in words, Kueue's own among them.
 *
 * @param workload - undefined where Kueue has made none
 * @returns undefined where nothing is known but that it waits
 */
export function describeWorkload(
  workload: Workload | undefined,
  nowMillis: number,
): string | undefined {
  const isEvicted = workloadCondition(workload, 'Evicted') !== undefined;
  // Who is to lose its place has it until its programs have ended.
  if (workloadCondition(workload, 'Admitted') && !isEvicted) {
    return 'it may start now';
  }
  if (workload?.spec?.active === false) {
    const why = workloadCondition(workload, 'Evicted')?.message;
    return withWords(
      'Kueue does not let it run any more (spec.active of its Workload is false)',
      why,
    );
  }
  if (workloadCondition(workload, 'QuotaReserved') && !isEvicted) {
    return describeChecks(workload);
  }
  const parts = [
    describeEviction(workload),
    describeBackoff(workload, nowMillis),
    describeUnreserved(workload),
  ].filter(part => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** It has its quota: what it waits for are the checks of its ClusterQueue. */
function describeChecks(workload: Workload | undefined): string {
  const open = (workload?.status?.admissionChecks ?? []).filter(
    ({ state }) => state !== 'Ready',
  );
  if (open.length === 0) {
    return 'it has a place, and waits for other checks';
  }
  const names = open
    .slice(0, MOST_CHECKS)
    .map(({ name, state, message }) =>
      withWords(`${name} (${state.toLowerCase()})`, message),
    );
  return `it has a place, and waits for ${
    open.length === 1 ? 'the check' : 'the checks'
  } ${names.join(', ')}`;
}

function describeEviction(workload: Workload | undefined): string | undefined {
  const evicted = workloadCondition(workload, 'Evicted');
  if (!evicted) return undefined;
  const preempted = workloadCondition(workload, 'Preempted');
  const by = PREEMPTIONS[preempted?.reason ?? ''];
  const isPreempted = evicted.reason === 'Preempted';
  const what =
    isPreempted && by !== undefined
      ? `its place was given to ${by}`
      : EVICTIONS[evicted.reason ?? ''] ?? 'it has lost its place';
  return withWords(
    what,
    (isPreempted ? preempted?.message : undefined) ?? evicted.message,
  );
}

function describeBackoff(
  workload: Workload | undefined,
  nowMillis: number,
): string | undefined {
  const { count, requeueAt } = workload?.status?.requeueState ?? {};
  const againMillis = Date.parse(requeueAt ?? '');
  if (Number.isNaN(againMillis) || againMillis <= nowMillis) return undefined;
  const at = new Date(againMillis).toISOString().replace(/\.\d+Z$/, 'Z');
  const after = count
    ? `, after ${count === 1 ? 'a try' : `${count} tries`}`
    : '';
  return `it comes into the queue again at ${at}${after}`;
}

function describeUnreserved(
  workload: Workload | undefined,
): string | undefined {
  const reserved = workloadCondition(workload, 'QuotaReserved', 'False');
  if (!reserved?.message) return undefined;
  // At first it says what the eviction says.
  const evicted = workloadCondition(workload, 'Evicted');
  if (evicted?.message === reserved.message) return undefined;
  return reserved.reason === 'Inadmissible'
    ? `the queue does not take it: ${shorten(reserved.message)}`
    : shorten(reserved.message);
}

/** Whether Kueue does what it is there for, as far as a Job shows it; undefined while it does. */
export function problemWith(
  job: V1Job,
  workload: Workload | undefined,
  nowMillis: number,
): string | undefined {
  const { name, creationTimestamp, labels } = job.metadata ?? {};
  const priorityClass = labels?.[PRIORITY_CLASS_LABEL];
  const { kind = 'Job' } = job;
  const ageMillis =
    nowMillis - new Date(creationTimestamp ?? nowMillis).getTime();
  const conditions = workload?.status?.conditions ?? [];
  const isUnseen = conditions.length === 0;
  if (job.spec?.suspend && isUnseen && ageMillis > PATIENCE_MILLIS) {
    const minutes = Math.floor(ageMillis / MINUTE_MILLIS);
    return `Kueue has not looked at ${kind} ${name} for ${minutes} minutes: see whether its manager runs (namespace kueue-system)${
      priorityClass === undefined
        ? ''
        : `, and whether there is a WorkloadPriorityClass ${priorityClass}`
    }`;
  }
  const startedMillis = new Date(job.status?.startTime ?? nowMillis).getTime();
  const isPast =
    !job.spec?.suspend &&
    !workloadCondition(workload, 'Admitted') &&
    nowMillis - startedMillis > PATIENCE_MILLIS;
  return isPast
    ? `${kind} ${name} runs, and Kueue has not let it: its manager or its webhooks do not run, and quotas do not hold`
    : undefined;
}

function withWords(what: string, words: string | undefined): string {
  return words ? `${what}: ${shorten(words)}` : what;
}
