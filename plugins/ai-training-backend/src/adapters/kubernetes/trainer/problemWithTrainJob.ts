import type { V1Job } from '@kubernetes/client-node';

const MINUTE_MILLIS = 60_000;
/** A manager that runs looks at what is new within moments. */
const PATIENCE_MILLIS = MINUTE_MILLIS;

/**
 * Whether Kubeflow Trainer does what it is there for, as far as a TrainJob shows it; undefined while it does.
 *
 * @param options.hasJob - whether there is a Job of it
 */
export function problemWithTrainJob(options: {
  job: V1Job;
  hasJob: boolean;
  nowMillis: number;
}): string | undefined {
  const { job, hasJob, nowMillis } = options;
  const { name, creationTimestamp } = job.metadata ?? {};
  const isWaiting = job.spec?.suspend || (job.status?.conditions ?? []).length;
  const ageMillis =
    nowMillis - new Date(creationTimestamp ?? nowMillis).getTime();
  if (hasJob || isWaiting || ageMillis <= PATIENCE_MILLIS) return undefined;
  const minutes = Math.floor(ageMillis / MINUTE_MILLIS);
  return `Kubeflow Trainer has made no Job of TrainJob ${name} for ${minutes} minutes: see whether its manager and that of JobSet run (namespace kubeflow-system), and the TrainJob's events`;
}
