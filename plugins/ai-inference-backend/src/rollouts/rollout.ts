import type {
  Rollout,
  RolloutState,
} from '@greenroom/plugin-ai-inference-common';
import {
  shiftTraffic,
  type TrafficSplit,
  weightOf,
} from '../deployments/trafficSplit';
import { loadProgress, type SeenDataPlane } from './loadProgress';

/** A rollout with what only the control plane needs to know. */
export interface RolloutRecord extends Rollout {
  /** Digest of `toVersion`, as the manifest names it. */
  toDigest: string;
  /** Split when the rollout began; a failed rollout goes back to it. */
  startSplit: TrafficSplit;
}

/** What to do with a running rollout now. */
export type RolloutAction =
  | { kind: 'wait' }
  /** Give the new version this share, and hold it until `nextStepAt`. */
  | { kind: 'step'; step: number; weightPercent: number; nextStepAt: string }
  | { kind: 'complete' }
  | { kind: 'fail'; error: string };

export function isRunning({ state }: Pick<Rollout, 'state'>): boolean {
  return state.phase === 'loading' || state.phase === 'progressing';
}

/**
 * Decides the next move of a rollout. Asked again in the same situation it gives the same
 * answer, so a controller may be killed between two of them.
 *
 * No step is taken while an online data plane does not run the new version, or while none
 * is online: traffic only moves to where it can be answered.
 */
export function nextRolloutAction(
  rollout: RolloutRecord,
  now: Date,
  dataPlanes: SeenDataPlane[],
): RolloutAction {
  const { state } = rollout;
  if (state.phase !== 'loading' && state.phase !== 'progressing') {
    return { kind: 'wait' };
  }
  const progress = loadProgress(dataPlanes, {
    model: rollout.model,
    version: rollout.toVersion,
    digest: rollout.toDigest,
  });
  if (progress.kind === 'failed') {
    return { kind: 'fail', error: progress.error };
  }
  if (progress.kind !== 'ready') {
    return { kind: 'wait' };
  }
  if (state.phase === 'loading') {
    return moveTo(rollout, 0, now);
  }
  return now.toISOString() >= state.nextStepAt
    ? moveTo(rollout, state.step + 1, now)
    : { kind: 'wait' };
}

/** Goes to the first step from `step` on that gives the version more than it began with. */
function moveTo(
  { plan, startSplit, toVersion }: RolloutRecord,
  from: number,
  now: Date,
): RolloutAction {
  const startWeight = weightOf(startSplit, toVersion);
  if (
    plan.strategy === 'immediate' ||
    startSplit.length === 0 ||
    startWeight >= 100
  ) {
    return { kind: 'complete' };
  }
  const step = plan.steps.findIndex(
    ({ weightPercent }, index) => index >= from && weightPercent > startWeight,
  );
  if (step < 0 || plan.steps[step].weightPercent >= 100) {
    return { kind: 'complete' };
  }
  const { weightPercent, holdSeconds } = plan.steps[step];
  const nextStepAt = new Date(now.getTime() + holdSeconds * 1_000);
  return {
    kind: 'step',
    step,
    weightPercent,
    nextStepAt: nextStepAt.toISOString(),
  };
}

/** The rollout and the split after an action other than waiting. */
export function applyRolloutAction(options: {
  rollout: RolloutRecord;
  split: TrafficSplit;
  action: Exclude<RolloutAction, { kind: 'wait' }>;
  now: Date;
}): { rollout: RolloutRecord; split: TrafficSplit } {
  const { rollout, action } = options;
  const at = options.now.toISOString();
  const version = rollout.toVersion;
  switch (action.kind) {
    case 'step': {
      const split = shiftTraffic(options.split, version, action.weightPercent);
      const { step, nextStepAt } = action;
      const { steps } = rollout.plan;
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: { phase: 'progressing', step, nextStepAt },
          note: `Step ${step + 1} of ${steps.length}: version ${version} gets ${
            action.weightPercent
          } % for ${steps[step].holdSeconds} seconds`,
        }),
      };
    }
    case 'complete': {
      const split = shiftTraffic(options.split, version, 100);
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: { phase: 'completed', completedAt: at },
          note: `Version ${version} gets all traffic`,
        }),
      };
    }
    default: {
      const split = rollout.startSplit;
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: { phase: 'failed', failedAt: at, error: action.error },
          note: `Failed, traffic is where it was before: ${action.error}`,
        }),
      };
    }
  }
}

/** Ends a running rollout because a newer change took over; traffic stays where it is. */
export function supersedeRollout(
  rollout: RolloutRecord,
  split: TrafficSplit,
  options: { now: Date; note: string },
): RolloutRecord {
  const at = options.now.toISOString();
  return proceed(rollout, split, {
    at,
    state: { phase: 'superseded', supersededAt: at },
    note: options.note,
  });
}

function proceed(
  rollout: RolloutRecord,
  split: TrafficSplit,
  entry: { at: string; state: RolloutState; note: string },
): RolloutRecord {
  const { at, state, note } = entry;
  const target = split.find(({ version }) => version === rollout.toVersion);
  const weightPercent = target?.weightPercent ?? 0;
  return {
    ...rollout,
    state,
    history: [...rollout.history, { at, weightPercent, note }],
  };
}
