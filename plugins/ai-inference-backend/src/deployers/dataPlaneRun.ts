import type { DataPlaneRun } from '@greenroom/plugin-ai-inference-common';
import type { SleepCause } from './decideDataPlane';
import type { DeployedState } from './Deployer';

/** Why nothing runs: what was decided, or that the process ended which ran it. */
export type AsleepBecause = SleepCause | 'handed-over';

const WHY: Record<AsleepBecause, string> = {
  idle: 'nobody has needed it for a while',
  stopped: 'somebody stopped it',
  unused: 'nothing is deployed there',
  'handed-over': 'the control plane that ran it has ended',
};

/** What starts a data plane that sleeps, as the end of a sentence. */
export const WHAT_WAKES =
  'it starts when somebody tries a model there, promotes a version to it, or chooses Start';

export function asleep(because: AsleepBecause, now: Date): DataPlaneRun {
  return {
    state: 'asleep',
    because,
    reason: `${WHY[because]}; ${WHAT_WAKES}`,
    since: now.toISOString(),
  };
}

/** How the data plane of an environment is, out of what its deployer says. */
export function runOf(
  deployed: DeployedState,
  options: { before: DataPlaneRun; because: AsleepBecause; now: Date },
): DataPlaneRun {
  if (deployed.state !== 'stopped') return deployed;
  const { before, because, now } = options;
  return before.state === 'asleep' && before.because === because
    ? before
    : asleep(because, now);
}

/** A sentence about a deployment whose data plane does not run; undefined where it does, or nobody knows. */
export function describeAbsence(
  environment: string,
  run: DataPlaneRun,
):
  | { state: 'asleep'; reason: string; since: string }
  | { state: 'moving'; reason: string }
  | { state: 'waiting'; reason: string; since: string; nextTryAt: string }
  | undefined {
  const who = `The data plane of ${environment}`;
  switch (run.state) {
    case 'asleep':
      return {
        state: 'asleep',
        reason: `${who} sleeps: ${run.reason}`,
        since: run.since,
      };
    case 'starting':
      return {
        state: 'moving',
        reason: `${who} starts${run.problem ? `: ${run.problem}` : ''}`,
      };
    case 'running':
      return {
        state: 'moving',
        reason: `${who} runs and is about to report`,
      };
    case 'stopping':
      return {
        state: 'asleep',
        reason: `${who} is being stopped; ${WHAT_WAKES}`,
        since: run.since,
      };
    case 'failing':
      return {
        state: 'waiting',
        reason: `${who} does not run: ${run.reason}`,
        since: run.since,
        nextTryAt: run.nextTryAt,
      };
    default:
      return undefined;
  }
}
