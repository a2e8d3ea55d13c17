import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import type { DeployedState } from '../../deployers/Deployer';
import { describeProblem } from './conditions';

/** What is known of an environment in a cluster. */
export interface Observed {
  wanted: boolean;
  /** Undefined: the cluster has not been asked yet. */
  deployment: V1Deployment | undefined;
  pods: readonly V1Pod[];
  isKnown: boolean;
  /** The Deployment that was made, or found, for what is wanted now; undefined before that. */
  madeUid: string | undefined;
  /** Whether all is removed that runs, and its token taken back. */
  isSwept: boolean;
  /** The last pass failed, or found what it may not change. */
  trouble?: { reason: string; attempts: number; nextTryAt: Date };
  /** What somebody else has changed, and is left so: a sentence each. */
  drift?: readonly string[];
  /** Why the cluster does not tell what there is. */
  refusal?: string;
  /** Why its autoscaler does nothing. */
  scaling?: string;
  /** Why callers from outside do not come in. */
  route?: string;
  publicUrl: string;
  /** Since when it is in its state, where the cluster does not say it. */
  since: (state: DeployedState['state']) => string;
}

/** Somebody may have replaced all of an object. */
const MOST_DRIFTS = 50;

/** How far an environment is: what the cluster says, never what it was told to do. */
export function describeState(observed: Observed): DeployedState {
  const { wanted, trouble } = observed;
  const state = wanted ? whenWanted(observed) : whenUnwanted(observed);
  const isStuck = state.state === 'starting' || state.state === 'stopping';
  if (!trouble || !isStuck) return state;
  return {
    state: 'failing',
    since: observed.since('failing'),
    reason: trouble.reason,
    attempts: trouble.attempts,
    nextTryAt: trouble.nextTryAt.toISOString(),
  };
}

function whenUnwanted({
  deployment,
  pods,
  isKnown,
  isSwept,
  since,
}: Observed): DeployedState {
  return isKnown && isSwept && !deployment && pods.length === 0
    ? { state: 'stopped' }
    : { state: 'stopping', since: since('stopping') };
}

function whenWanted(observed: Observed): DeployedState {
  const { deployment, pods, trouble, publicUrl, since } = observed;
  const drift = observed.drift ?? [];
  const ready = pods.filter(isReady).length;
  // One that was there before may be about to go. Where it cannot be looked after, it serves all the same.
  const isMade =
    deployment !== undefined &&
    (deployment.metadata?.uid === observed.madeUid ||
      (trouble !== undefined &&
        ready > 0 &&
        deployment.metadata?.deletionTimestamp === undefined));
  if (!isMade) {
    return {
      state: 'starting',
      since: since('starting'),
      ...(observed.refusal !== undefined && { problem: observed.refusal }),
    };
  }
  const problem =
    trouble?.reason ??
    observed.refusal ??
    summaryOf(drift) ??
    describeProblem(deployment, pods) ??
    observed.scaling ??
    observed.route;
  const told = {
    ...(problem !== undefined && { problem }),
    ...(drift.length > 0 && { drift: drift.slice(0, MOST_DRIFTS) }),
  };
  if (ready === 0) {
    return { state: 'starting', since: since('starting'), ...told };
  }
  return {
    state: 'running',
    since: since('running'),
    publicUrl,
    replicas: { wanted: deployment.spec?.replicas ?? 1, ready },
    ...told,
  };
}

function summaryOf([first, ...others]: readonly string[]): string | undefined {
  return others.length === 0 ? first : `${first}, and ${others.length} more`;
}

/** Whether callers are sent to it. */
function isReady({ metadata, status }: V1Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined &&
    (status?.conditions ?? []).some(
      ({ type, status: value }) => type === 'Ready' && value === 'True',
    )
  );
}
