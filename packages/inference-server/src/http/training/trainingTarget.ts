/** What is forwarded of training jobs: the method that it takes, and its path below the jobs of the control plane. */
export interface TrainingTarget {
  kind: 'training';
  method: 'GET' | 'POST';
  /** Where that takes both, the one that is not {@link method}. */
  otherMethod?: 'POST';
  /** Such as `/<job>/log`; empty for all jobs. */
  path: string;
  isLog: boolean;
}

export const TRAINING_JOBS_PATH = '/ai/training/jobs';

const PATTERN =
  /^\/ai\/training\/jobs(?:\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(log|cancel|retry))?)?$/i;

/** Undefined where it is no path of training jobs. */
export function trainingTargetOf(path: string): TrainingTarget | undefined {
  const match = PATTERN.exec(path);
  if (!match) return undefined;
  const [, job, act] = match;
  const isChange = act === 'cancel' || act === 'retry';
  return {
    kind: 'training',
    method: isChange ? 'POST' : 'GET',
    ...(job === undefined && { otherMethod: 'POST' }),
    path: [job, act]
      .filter(Boolean)
      .map(part => `/${part}`)
      .join(''),
    isLog: act === 'log',
  };
}
