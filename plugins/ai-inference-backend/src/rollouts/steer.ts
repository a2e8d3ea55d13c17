import { ConflictError } from '@backstage/errors';
import { nameOfActor } from '@greenroom/ai-node';
import { shiftTraffic, type TrafficSplit } from '../deployments/trafficSplit';
import {
  isRunning,
  proceed,
  type RolloutRecord,
  type RunningState,
} from './rollout';

/** A rollout that somebody steers, with what its deployment serves. */
export interface Steered {
  rollout: RolloutRecord;
  split: TrafficSplit;
  /** Version whose rollout was completed last. */
  provenVersion?: number;
}

/** Who steers, why, and when. */
export interface Steering {
  /** Entity ref. */
  by: string;
  reason?: string;
  now: Date;
}

type Running = RolloutRecord & { state: RunningState };

/**
 * Nothing moves any more until somebody goes on; what is loading goes on loading.
 *
 * @throws ConflictError when it is over, or paused already
 */
export function pauseRollout(
  { rollout, split }: Steered,
  steering: Steering,
): Steered {
  const { state } = running(rollout);
  if (state.paused) {
    throw new ConflictError(
      `The rollout is paused already, by ${nameOf(state.paused.by)}`,
    );
  }
  const { by, reason, now } = steering;
  const since = now.toISOString();
  const leftSeconds =
    state.phase === 'progressing'
      ? Math.max(0, (Date.parse(state.nextStepAt) - now.getTime()) / 1_000)
      : 0;
  return {
    split,
    rollout: proceed(rollout, split, {
      at: since,
      state: {
        ...state,
        paused: { since, by, ...(reason && { reason }), leftSeconds },
      },
      note: `Paused by ${nameOfActor(by)}${because(reason)}`,
    }),
  };
}

/**
 * Goes on where it was paused: with what was left of the step.
 *
 * @throws ConflictError when it is over, or not paused
 */
export function resumeRollout(
  { rollout, split }: Steered,
  { by, reason, now }: Steering,
): Steered {
  const { paused, ...state } = running(rollout).state;
  if (!paused) {
    throw new ConflictError('The rollout is not paused: it goes on by itself');
  }
  const nextStepAt = new Date(
    now.getTime() + paused.leftSeconds * 1_000,
  ).toISOString();
  return {
    split,
    rollout: proceed(rollout, split, {
      at: now.toISOString(),
      state: state.phase === 'progressing' ? { ...state, nextStepAt } : state,
      note: `${nameOfActor(by)} has it go on${because(reason)}`,
    }),
  };
}

/**
 * Takes the version back: all traffic goes to what was proven, and stays there until Git asks for
 * something else or somebody has it tried again.
 *
 * @throws ConflictError when it is over, or there is nothing to go back to
 */
export function rejectRollout(
  { rollout, split, provenVersion }: Steered,
  { by, reason = 'no reason was given', now }: Steering,
): Steered {
  const { toVersion } = running(rollout);
  const isThere = split.some(({ version }) => version === provenVersion);
  if (provenVersion === undefined || provenVersion === toVersion || !isThere) {
    throw new ConflictError(
      `No other version was served before version ${toVersion} that its traffic could go back to: promote another one, or remove the manifest`,
    );
  }
  const at = now.toISOString();
  const back = shiftTraffic(split, provenVersion, 100);
  return {
    split: back,
    provenVersion,
    rollout: proceed(rollout, back, {
      at,
      state: { phase: 'rejected', rejectedAt: at, by, reason },
      note: `Taken back by ${nameOfActor(
        by,
      )}: ${reason}. Version ${provenVersion} gets all traffic`,
    }),
  };
}

/**
 * Begins a rejected rollout anew, from its first step.
 *
 * @throws ConflictError when it was not rejected
 */
export function restartRollout(
  { rollout, split }: Steered,
  { by, reason = 'no reason was given', now }: Steering,
): Steered {
  if (rollout.state.phase !== 'rejected') {
    throw new ConflictError(
      'The rollout was not taken back: there is nothing to begin anew',
    );
  }
  return {
    split,
    rollout: proceed({ ...rollout, startSplit: split }, split, {
      at: now.toISOString(),
      state: { phase: 'loading' },
      note: `Begun anew by ${nameOfActor(by)}: ${reason}`,
    }),
  };
}

function running(rollout: RolloutRecord): Running {
  if (isRunning(rollout)) return rollout;
  throw new ConflictError(
    `The rollout is over (${rollout.state.phase}): there is nothing to steer`,
  );
}

function nameOf(by: string): string {
  return by === 'plan' ? 'its plan' : nameOfActor(by);
}

function because(reason: string | undefined): string {
  return reason ? `: ${reason}` : '';
}
