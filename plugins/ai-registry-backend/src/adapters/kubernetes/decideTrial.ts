import { describePod } from '@greenroom/cluster-client';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { FETCH_CONTAINER, TRIAL_CONTAINER } from './trialObjects';

/** How far a trial is, as the cluster tells it. */
export type TrialProgress =
  | { state: 'waiting' }
  /** The model is being loaded, for longer than it may. */
  | { state: 'late' }
  /** Loading took more memory than it may. */
  | { state: 'out-of-memory' }
  /** The process that loaded it has ended. */
  | { state: 'ended'; exitCode: number }
  /** Its files could not be fetched; the log says why. */
  | { state: 'not-fetched'; exitCode: number }
  /** Nothing was found out about the model. */
  | { state: 'failed'; reason: string };

/**
 * What is to be made of a trial now.
 *
 * @param pod - of its Job; undefined where there is none, or not yet
 * @param jobProblem - why the cluster has given the Job up; undefined while it has not
 */
export function decideTrial(options: {
  pod: V1Pod | undefined;
  jobProblem: string | undefined;
  nowMillis: number;
  startedMillis: number;
  /** When the model was first seen being loaded; undefined where it was not. By our clock: a node may have another. */
  loadingSinceMillis: number | undefined;
  startTimeoutMillis: number;
  timeoutMillis: number;
}): TrialProgress {
  const { pod, jobProblem, nowMillis } = options;
  const fetching = endOf(pod?.status?.initContainerStatuses, FETCH_CONTAINER);
  if (fetching && fetching.exitCode !== 0) {
    return { state: 'not-fetched', exitCode: fetching.exitCode };
  }
  const loading = endOf(pod?.status?.containerStatuses, TRIAL_CONTAINER);
  if (loading) {
    return loading.reason === 'OOMKilled'
      ? { state: 'out-of-memory' }
      : { state: 'ended', exitCode: loading.exitCode };
  }
  if (options.loadingSinceMillis !== undefined) {
    const isLate =
      nowMillis - options.loadingSinceMillis > options.timeoutMillis;
    return isLate ? { state: 'late' } : { state: 'waiting' };
  }
  if (jobProblem !== undefined) return { state: 'failed', reason: jobProblem };
  if (nowMillis - options.startedMillis <= options.startTimeoutMillis) {
    return { state: 'waiting' };
  }
  const minutes = Math.round(options.startTimeoutMillis / 60_000);
  return {
    state: 'failed',
    reason:
      (pod && describePod(pod)) ??
      `its pod has not started after ${minutes} minutes`,
  };
}

/** Whether the model is being loaded just now. */
export function isLoading(pod: V1Pod | undefined): boolean {
  const status = pod?.status?.containerStatuses?.find(
    ({ name }) => name === TRIAL_CONTAINER,
  );
  return status?.state?.running !== undefined;
}

function endOf(statuses: V1ContainerStatus[] | undefined, name: string) {
  return statuses?.find(status => status.name === name)?.state?.terminated;
}
