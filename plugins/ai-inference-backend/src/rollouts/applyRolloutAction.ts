import {
  giveWay,
  shiftTraffic,
  type TrafficSplit,
} from '../deployments/trafficSplit';
import { describeStep } from './plan';
import {
  nextRolloutAction,
  type RolloutAction,
  type RolloutSituation,
} from './nextRolloutAction';
import {
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
    rollout,
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
      apply({ ...advance, state, action, now: situation.now }),
    );
    if (action.kind === 'complete') advance.provenVersion = rollout.toVersion;
    if (action.kind === 'note-problem') advance.loadAnew ||= action.loadAnew;
    advance.actions.push(action.kind);
  }
  return advance;
}

/** The rollout and the split after an action other than waiting. */
function apply(options: {
  rollout: RolloutRecord;
  state: RunningState;
  split: TrafficSplit;
  action: Exclude<RolloutAction, { kind: 'wait' }>;
  now: Date;
}): { rollout: RolloutRecord; split: TrafficSplit } {
  const { rollout, state, action } = options;
  const { toVersion: version, plan } = rollout;
  const at = options.now.toISOString();
  switch (action.kind) {
    case 'give-way': {
      const { from, to } = action;
      const split = giveWay(options.split, { from, to });
      const note = `Version ${from}, which was superseded, leaves its traffic to version ${to}`;
      return { split, rollout: proceed(rollout, split, { at, state, note }) };
    }
    case 'step': {
      const split = shiftTraffic(options.split, version, action.weightPercent);
      const { step, nextStepAt, paused } = action;
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: {
            phase: 'progressing',
            step,
            nextStepAt,
            ...(paused && { paused }),
          },
          note: describeStep(plan, step, version),
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
    case 'fall-back': {
      const split = shiftTraffic(options.split, action.to, 100);
      const note = `No data plane runs version ${version} any more: version ${action.to} answers until one does`;
      return { split, rollout: proceed(rollout, split, { at, state, note }) };
    }
    case 'resume': {
      const { weightPercent, nextStepAt } = action;
      const split = shiftTraffic(options.split, version, weightPercent);
      const resumed =
        state.phase === 'progressing' ? { ...state, nextStepAt } : state;
      return {
        split,
        rollout: proceed(rollout, split, {
          at,
          state: resumed,
          note: `Version ${version} is there again and gets ${weightPercent} %`,
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
