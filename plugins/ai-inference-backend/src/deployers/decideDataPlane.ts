/** What is known of an environment whose data plane the control plane runs. */
export interface DataPlaneSituation {
  now: Date;
  /** How long it runs on after the last thing that needed it. */
  idleMillis: number;
  /** When somebody last asked for it: with Start, or with a try of a model. */
  demandedAt?: Date;
  /** When somebody last asked that it stops. */
  stopAskedAt?: Date;
  /** Models that are wanted in the environment. */
  deployments: number;
  /** When the newest rollout of one of them began. */
  rolloutStartedAt?: Date;
  /** Whether a rollout is under way that nothing holds up. */
  isRollingOut: boolean;
  /** Since when the rollout is held up that was so last; undefined when none is. */
  heldUpSince?: Date;
  /** When a deployment was changed last, the steps of its rollout included. */
  changedAt?: Date;
  /** When somebody last called a model there. */
  lastRequestAt?: Date;
}

/** Why nothing runs. */
export type SleepCause =
  /** Nobody has needed it for a while. */
  | 'idle'
  /** Somebody asked for it, and nobody has needed it since. */
  | 'stopped'
  /** No model is wanted there. */
  | 'unused';

export type DataPlaneDecision =
  | { wanted: true }
  | { wanted: false; because: SleepCause };

/**
 * Decides whether an environment's data plane should run.
 *
 * A stop holds until somebody needs it anew: presses Start, tries a model, or promotes a version.
 * Requests keep it awake and do not wake it, since some still come while it stops.
 */
export function decideDataPlane(
  situation: DataPlaneSituation,
): DataPlaneDecision {
  const { now, idleMillis, demandedAt, stopAskedAt } = situation;
  const { rolloutStartedAt, changedAt, lastRequestAt, heldUpSince } = situation;
  const wokenMillis = latest(demandedAt, rolloutStartedAt);
  if (stopAskedAt !== undefined && wokenMillis <= stopAskedAt.getTime()) {
    return { wanted: false, because: 'stopped' };
  }
  if (situation.isRollingOut) return { wanted: true };
  const neededMillis = Math.max(
    wokenMillis,
    latest(changedAt, lastRequestAt, heldUpSince),
  );
  if (now.getTime() - neededMillis < idleMillis) return { wanted: true };
  return {
    wanted: false,
    because: situation.deployments === 0 ? 'unused' : 'idle',
  };
}

function latest(...moments: (Date | undefined)[]): number {
  return Math.max(
    ...moments.map(moment => moment?.getTime() ?? Number.NEGATIVE_INFINITY),
  );
}
