import type { V1Job } from '@kubernetes/client-node';
import { conditionOf, isFinished, millisOf } from '../readStatus';

const MINUTE_MILLIS = 60_000;
/** A manager that runs looks at what is new within moments. */
const PATIENCE_MILLIS = MINUTE_MILLIS;

/**
 * Whether Kubeflow Trainer does what it is there for, as far as a TrainJob shows it; undefined while it does.
 *
 * @param options.job - how it stands
 * @param options.hasJob - whether there is a Job of it
 */
export function problemWithTrainJob(options: {
  job: V1Job;
  hasJob: boolean;
  nowMillis: number;
}): string | undefined {
  const { job, hasJob, nowMillis } = options;
  if (hasJob || job.spec?.suspend || isFinished(job)) return undefined;
  const { name, creationTimestamp } = job.metadata ?? {};
  const resumed = conditionOf(job, 'Suspended', 'False');
  const sinceMillis = millisOf(
    resumed?.lastTransitionTime ?? creationTimestamp ?? new Date(nowMillis),
  );
  if (nowMillis - sinceMillis <= PATIENCE_MILLIS) return undefined;
  const minutes = Math.floor((nowMillis - sinceMillis) / MINUTE_MILLIS);
  return `Kubeflow Trainer has made no Job of TrainJob ${name} for ${minutes} ${
    minutes === 1 ? 'minute' : 'minutes'
  }: see whether its manager and that of JobSet run (namespace kubeflow-system), and the TrainJob's events`;
}
