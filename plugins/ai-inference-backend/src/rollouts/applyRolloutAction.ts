import {
  giveWay,
  shiftTraffic,
  type TrafficSplit,
  weightOf,
} from '../deployments/trafficSplit';
import { followComparison } from './comparison';
import { nextRolloutAction } from './nextRolloutAction';
import { noteSight } from './noteSight';
import type { RolloutAction, RolloutSituation } from './situation';
import { nameOfJudge } from './steer';
import { strategyOf } from './strategies/strategyOf';
import {
  endComparison,
  isRunning,
  proceed,
  type RolloutRecord,
  type RunningState,
  withProblem,
} from './rollout';

/** Moves that may follow one another in one pass: give way, resume, step. */
const MOST_MOVES = 8;

/** What a pass over a rollout has changed. */
export interface Advance {
  rollout: RolloutRecord;
  split: TrafficSplit;
  provenVersion?: number;
  /** Data planes are to try to load anew. */
  loadAnew: boolean;
  /** The actions taken; empty when there was nothing to do. */
  actions: Exclude<RolloutAction['kind'], 'wait'>[];
}

/** Takes every move that is due, one after the other. */
export function advanceRollout(situation: RolloutSituation): Advance {
  const { rollout, split, provenVersion } = situation;
  const advance: Advance = {
    rollout: noteSight(rollout, situation),
    split,
    provenVersion,
    loadAnew: false,
    actions: [],
  };
  while (advance.actions.length < MOST_MOVES) {
    const action = nextRolloutAction({
      ...situation,
      rollout: advance.rollout,
      split: advance.split,
      provenVersion: advance.provenVersion,
    });
    if (action.kind === 'wait' || !isRunning(advance.rollout)) break;
    const { state } = advance.rollout;
    Object.assign(
      advance,
      apply({ situation, ...advance, state, action, now: situation.now }),
    );
    if (action.kind === 'complete') advance.provenVersion = rollout.toVersion;
    if (action.kind === 'note-problem') advance.loadAnew ||= action.loadAnew;
    advance.actions.push(action.kind);
  }
  // Only what comes out of a pass is ever served.
  return {
    ...advance,
    rollout: followComparison(advance.rollout, {
      split: advance.split,
      provenVersion,
      now: situation.now,
    }),
  };
}

/** The rollout and the split after an action other than waiting. */
function apply(options: {
  situation: RolloutSituation;
  rollout: RolloutRecord;
  state: RunningState;
  split: TrafficSplit;
  action: Exclude<RolloutAction, { kind: 'wait' }>;
  now: Date;
}): { rollout: RolloutRecord; split: TrafficSplit } {
  const { rollout, state, action } = options;
  const { toVersion: version } = rollout;
  const at = options.now.toISOString();
  switch (action.kind) {
    case 'give-way': {
      const { from, to } = action;
      const split = giveWay(options.split, { from, to });
      const note =
        from.length === 1
          ? `Version ${from[0]}, which was superseded, leaves its traffic to version ${to}`
          : `Versions ${from.join(
              ', ',
            )}, which were superseded, leave their traffic to version ${to}`;
      return { split, rollout: proceed(rollout, split, { at, state, note }) };
    }
    case 'step': {
      const { step, split, nextStepAt, note, evidence } = action;
      const { paused, sharePercent, unitsBefore, by } = action;
      const unseen = state.phase === 'progressing' ? state.unseen : undefined;
      return {
        split,
        rollout: proceed(
          unitsBefore ? endComparison(rollout, at) : rollout,
          split,
          {
            at,
            state: {
              phase: 'progressing',
              step,
              nextStepAt,
              ...(paused && { paused }),
              ...(sharePercent !== undefined && { sharePercent }),
              ...(unitsBefore && { unitsBefore }),
              ...(unseen && { unseen }),
            },
            note,
            by,
            evidence,
          },
        ),
      };
    }
    case 'complete': {
      const split = shiftTraffic(options.split, version, 100);
      const { by, reason, evidence } = action;
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: {
            phase: 'completed',
            completedAt: at,
            ...(by && { by }),
            ...(reason && { reason }),
          },
          by,
          note: `Version ${version} gets all traffic${
            reason ? `: ${reason}` : ''
          }`,
          evidence,
        }),
      };
    }
    case 'take-back': {
      const { to, by, reason, evidence } = action;
      const split = shiftTraffic(options.split, to, 100);
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: { phase: 'rejected', rejectedAt: at, by, reason },
          by,
          note: `Taken back by ${nameOfJudge(
            by,
          )}: ${reason}. Version ${to} gets all traffic`,
          evidence,
        }),
      };
    }
    case 'drop':
      return drop(options, action, at);
    case 'ask': {
      const { reason, evidence } = action;
      return {
        split: options.split,
        rollout: proceed(rollout, options.split, {
          at,
          state: {
            ...state,
            paused: {
              since: at,
              by: 'plan',
              asks: true,
              reason,
              leftSeconds: 0,
            },
          },
          by: 'analysis',
          note: `Asks for a decision: ${reason}`,
          evidence,
        }),
      };
    }
    case 'fall-back': {
      const split = shiftTraffic(options.split, action.to, 100);
      const note = `No data plane runs version ${action.version} any more: version ${action.to} answers until one does`;
      return { split, rollout: proceed(rollout, split, { at, state, note }) };
    }
    case 'resume': {
      const { split, nextStepAt } = action;
      const resumed =
        state.phase === 'progressing' ? { ...state, nextStepAt } : state;
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: resumed,
          note: `Version ${version} is there again and gets ${weightOf(
            split,
            version,
          )} %`,
        }),
      };
    }
    case 'mended':
      return {
        split: options.split,
        rollout: proceed(rollout, options.split, {
          at,
          state: withProblem(state, undefined),
          note: `Goes on: version ${version} is ready on enough data planes`,
        }),
      };
    default:
      return {
        split: options.split,
        rollout: noteProblem(rollout, state, {
          problem: action.problem,
          split: options.split,
          at,
        }),
      };
  }
}

/** Takes a version out of an experiment; its callers go to the others. */
function drop(
  options: {
    situation: RolloutSituation;
    rollout: RolloutRecord;
    state: RunningState;
    split: TrafficSplit;
  },
  action: Extract<RolloutAction, { kind: 'drop' }>,
  at: string,
): { rollout: RolloutRecord; split: TrafficSplit } {
  const { situation, rollout, state } = options;
  const { version, by, reason, evidence } = action;
  if (state.phase !== 'progressing') return options;
  const dropped = [...(state.dropped ?? []), version];
  const split = strategyOf(rollout.plan).split(
    { ...situation, rollout, split: options.split },
    { ...state, dropped },
  );
  return {
    split,
    rollout: proceed(rollout, split, {
      at,
      state: { ...state, dropped },
      by,
      note: `Version ${version} is taken out of the experiment by ${nameOfJudge(
        by,
      )}: ${reason}`,
      evidence,
    }),
  };
}

/** A problem is history once, when it is met; trying again and other words for it are not. */
export function noteProblem(
  rollout: RolloutRecord,
  state: RunningState,
  noted: {
    problem: NonNullable<RunningState['problem']>;
    split: TrafficSplit;
    at: string;
  },
): RolloutRecord {
  const { problem, split, at } = noted;
  const next = withProblem(state, problem);
  return state.problem
    ? { ...rollout, state: next }
    : proceed(rollout, split, {
        at,
        state: next,
        note: `Held, and tried again: ${problem.error}`,
      });
}
