import { ConflictError } from '@backstage/errors';
import { nameOfActor } from '@greenroom/ai-node';
import { stepsOf } from '@greenroom/plugin-ai-registry-common';
import { nextComparison } from './comparison';
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
      by,
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
  // What was asked is answered: it goes on, whatever the analysis says by then.
  const override = paused.asks && { by, ...(reason && { reason }) };
  return {
    split,
    rollout: proceed(rollout, split, {
      at: now.toISOString(),
      state:
        state.phase === 'progressing'
          ? { ...state, nextStepAt, ...(override && { override }) }
          : state,
      by,
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
  const { toVersion, plan } = running(rollout);
  const isThere = split.some(({ version }) => version === provenVersion);
  const isAboutIt = provenVersion === toVersion;
  if (
    provenVersion === undefined ||
    !isThere ||
    (isAboutIt && plan.strategy !== 'experiment')
  ) {
    throw new ConflictError(
      `No other version was served before version ${toVersion} that its traffic could go back to: promote another one, or remove the manifest`,
    );
  }
  const at = now.toISOString();
  const back = shiftTraffic(split, provenVersion, 100);
  const what = isAboutIt ? 'The experiment was ended' : 'Taken back';
  return {
    split: back,
    provenVersion,
    rollout: proceed(rollout, back, {
      at,
      state: isAboutIt
        ? { phase: 'completed', completedAt: at, by, reason }
        : { phase: 'rejected', rejectedAt: at, by, reason },
      by,
      note: `${what} by ${nameOfActor(
        by,
      )}: ${reason}. Version ${provenVersion} gets all traffic`,
    }),
  };
}

/**
 * Goes on without the analysis that the rollout is at.
 *
 * @throws ConflictError when it is not at one, or somebody has paused it
 */
export function skipAnalysis(
  { rollout, split }: Steered,
  { by, reason = 'no reason was given', now }: Steering,
): Steered {
  const { state, plan } = running(rollout);
  const step =
    state.phase === 'progressing' ? stepsOf(plan).at(state.step) : undefined;
  if (state.phase !== 'progressing' || !step || !('analysisSeconds' in step)) {
    throw new ConflictError(
      'The rollout is not at an analysis: there is nothing to skip',
    );
  }
  const { paused, ...rest } = state;
  if (paused && !paused.asks) {
    throw new ConflictError(
      `The rollout is paused by ${nameOf(paused.by)}: have it go on first`,
    );
  }
  const at = now.toISOString();
  return {
    split,
    rollout: proceed(rollout, split, {
      at,
      state: { ...rest, nextStepAt: at, override: { by, reason } },
      by,
      note: `${nameOfActor(by)} skips the analysis: ${reason}`,
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
    rollout: proceed(
      {
        ...rollout,
        startSplit: split,
        firstComparison: nextComparison(rollout),
      },
      split,
      {
        at: now.toISOString(),
        state: { phase: 'loading' },
        by,
        note: `Begun anew by ${nameOfActor(by)}: ${reason}`,
      },
    ),
  };
}

function running(rollout: RolloutRecord): Running {
  if (isRunning(rollout)) return rollout;
  throw new ConflictError(
    `The rollout is over (${rollout.state.phase}): there is nothing to steer`,
  );
}

/** Who took a version back, as one says it. */
export function nameOfJudge(by: string): string {
  switch (by) {
    case 'analysis':
      return 'the analysis';
    case 'brake':
      return 'the brake of a data plane';
    case 'deadline':
      return 'its deadline';
    default:
      return nameOfActor(by);
  }
}

function nameOf(by: string): string {
  return by === 'plan' ? 'its plan' : nameOfActor(by);
}

function because(reason: string | undefined): string {
  return reason ? `: ${reason}` : '';
}
