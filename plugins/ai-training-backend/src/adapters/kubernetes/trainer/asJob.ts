import type { V1Job } from '@kubernetes/client-node';
import { TRAINER_API, type TrainJob } from './TrainJob';

/**
 * How a TrainJob stands, as a Job says it: the Job that Kubeflow Trainer has JobSet make knows its pods, and the TrainJob
 * who has made it, whether it is to run, and how it ended where there never was a Job.
 *
 * @param child - undefined while there is none
 */
export function asJob(trainJob: TrainJob, child: V1Job | undefined): V1Job {
  const nodes = trainJob.spec?.trainer?.numNodes ?? 1;
  const own = (trainJob.status?.conditions ?? []).filter(
    // A Job that there is says itself whether it has stopped.
    ({ type }) => !child || type !== 'Suspended',
  );
  return {
    apiVersion: TRAINER_API,
    kind: 'TrainJob',
    metadata: trainJob.metadata,
    spec: {
      template: child?.spec?.template ?? {},
      completions: nodes,
      parallelism: nodes,
      suspend: trainJob.spec?.suspend ?? false,
      activeDeadlineSeconds: trainJob.spec?.activeDeadlineSeconds,
    },
    status: {
      ...child?.status,
      // How its Job ended says more.
      conditions: [...(child?.status?.conditions ?? []), ...own],
    },
  };
}
