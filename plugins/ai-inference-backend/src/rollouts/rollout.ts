import type {
  Rollout,
  RolloutProblem,
  RolloutState,
} from '@greenroom/plugin-ai-inference-common';
import type { TrafficSplit } from '../deployments/trafficSplit';
import { nextTryAt } from './backoff';

/** Oldest entries but the first give way: a data plane that comes and goes writes many. */
const MOST_HISTORY = 200;

/** A rollout with what only the control plane needs to know. */
export interface RolloutRecord extends Rollout {
  /** Digest of `toVersion`, as the manifest names it. */
  toDigest: string;
  /** Split when the rollout began. */
  startSplit: TrafficSplit;
}

export type RunningState = Extract<
  RolloutState,
  { phase: 'loading' | 'progressing' }
>;

export function isRunning<R extends Pick<Rollout, 'state'>>(
  rollout: R,
): rollout is R & { state: RunningState } {
  const { phase } = rollout.state;
  return phase === 'loading' || phase === 'progressing';
}

/** Ends a running rollout because a newer change took over; what it had reached gives way later. */
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

/** Writes down what happened to a rollout. */
export function proceed(
  rollout: RolloutRecord,
  split: TrafficSplit,
  entry: { at: string; state: RolloutState; note: string },
): RolloutRecord {
  const { at, state, note } = entry;
  const target = split.find(({ version }) => version === rollout.toVersion);
  // The first version of all has everything in the split, and nothing before it is loaded.
  const isFirstLoading =
    state.phase === 'loading' && rollout.startSplit.length === 0;
  const weightPercent = isFirstLoading ? 0 : target?.weightPercent ?? 0;
  const [first, ...later] = rollout.history;
  const kept = first === undefined ? [] : [first];
  return {
    ...rollout,
    state,
    history: [
      ...kept,
      ...later.slice(-(MOST_HISTORY - 2)),
      { at, weightPercent, note },
    ],
  };
}

/** The problem after one more try that did not help, or when it is met for the first time. */
export function problemAfterTry(
  before: RolloutProblem | undefined,
  error: string,
  now: Date,
): RolloutProblem {
  const attempts = (before?.attempts ?? 0) + 1;
  return {
    error,
    since: before?.since ?? now.toISOString(),
    attempts,
    nextTryAt: nextTryAt(now, attempts),
  };
}

/** The state with another problem, or with none. */
export function withProblem(
  state: RunningState,
  problem: RolloutProblem | undefined,
): RunningState {
  const { problem: _before, ...rest } = state;
  return problem ? { ...rest, problem } : rest;
}
