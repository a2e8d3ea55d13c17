import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { endingOf } from './ending';
import { attemptName, attemptOf } from './objects/labels';
import { isFinished } from './readStatus';
import { asJob } from './trainer/asJob';
import { JOB_SET_LABEL, type TrainJob } from './trainer/TrainJob';

/** What stands for an attempt in a cluster. */
export interface AttemptObject {
  /** How it stands; of a TrainJob, as a Job says it. */
  job: V1Job;
  /** UID of the Job that its pods are of; undefined where there is none yet. */
  podsOf: string | undefined;
}

export function ofJob(job: V1Job): AttemptObject {
  return { job, podsOf: job.metadata?.uid };
}

/** @param child - the Job that was made of it; undefined while there is none */
export function ofTrainJob(
  trainJob: TrainJob,
  child: V1Job | undefined,
): AttemptObject {
  return { job: asJob(trainJob, child), podsOf: child?.metadata?.uid };
}

/** Whether it is a TrainJob of Kubeflow Trainer, whose pods others make. */
export function isTrainJob({ job }: AttemptObject): boolean {
  return job.kind === 'TrainJob';
}

/**
 * Attempts by name.
 *
 * @param jobs - of attempts, and those that were made of TrainJobs
 */
export function attemptObjects(
  jobs: readonly V1Job[],
  trainJobs: readonly TrainJob[],
): Map<string, AttemptObject> {
  const children = new Map(
    jobs.map(job => [job.metadata?.labels?.[JOB_SET_LABEL] ?? '', job]),
  );
  const own = jobs.filter(isOwn).map(ofJob);
  const trained = trainJobs.map(trainJob =>
    ofTrainJob(trainJob, children.get(trainJob.metadata?.name ?? '')),
  );
  return new Map(
    [...trained, ...own].map(object => [
      object.job.metadata?.name ?? '',
      object,
    ]),
  );
}

export function isPodOf({ metadata }: V1Pod, { podsOf }: AttemptObject) {
  return (
    podsOf !== undefined &&
    (metadata?.ownerReferences ?? []).some(({ uid }) => uid === podsOf)
  );
}

/**
 * Whether it has ended, or is to end, and its Job counts pods that are not known: a cluster tells of each kind by itself,
 * and of pods sometimes later. Of one that has ended it is also so where pods were removed.
 *
 * @param pods - all that are known
 */
export function lacksPods(
  object: AttemptObject,
  pods: readonly V1Pod[],
): boolean {
  const { job, podsOf } = object;
  const hasFinished = isFinished(job);
  if (!hasFinished && !endingOf(job)) return false;
  if (podsOf === undefined) return hasFinished;
  const { active = 0, succeeded = 0, failed = 0 } = job.status ?? {};
  const known = pods.filter(pod => isPodOf(pod, object));
  return known.length < (hasFinished ? succeeded + failed : active);
}

function isOwn({ metadata }: V1Job): boolean {
  const id = attemptOf(metadata?.labels);
  return id !== undefined && attemptName(id) === metadata?.name;
}
