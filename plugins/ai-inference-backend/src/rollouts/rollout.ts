import type {
  DecisionEvidence,
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
  /** Entity ref of who asked for it. Absent in rollouts from before it was kept. */
  requestedBy?: string;
  /** Whether its analysis is that of its manifest, and not what all have. */
  hasOwnAnalysis: boolean;
  /** Number of the first comparison since it began, or was begun anew. */
  firstComparison: number;
  /** When its analysis was seen last, to about a minute; ISO 8601. */
  analysisSeenAt?: string;
}

/** What its deployment serves besides what was proven, while it runs: the wanted version, and those of an experiment. */
export function versionsOf({
  toVersion,
  toDigest,
  plan,
}: Pick<RolloutRecord, 'toVersion' | 'toDigest' | 'plan'>): {
  version: number;
  digest: string;
}[] {
  const others =
    plan.strategy === 'experiment'
      ? [plan.control, ...plan.treatments].filter(
          ({ version }) => version !== toVersion,
        )
      : [];
  return [
    { version: toVersion, digest: toDigest },
    ...others.map(({ version, digest }) => ({ version, digest })),
  ];
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
  return proceed(endComparison(rollout, at), split, {
    at,
    state: { phase: 'superseded', supersededAt: at },
    note: options.note,
  });
}

/** Ends what is being compared; what comes after is another comparison, also at the same shares. */
export function endComparison(
  rollout: RolloutRecord,
  at: string,
): RolloutRecord {
  const { comparison } = rollout;
  return comparison && comparison.endedAt === undefined
    ? { ...rollout, comparison: { ...comparison, endedAt: at } }
    : rollout;
}

/** Writes down what happened to a rollout. */
export function proceed(
  rollout: RolloutRecord,
  split: TrafficSplit,
  entry: {
    at: string;
    state: RolloutState;
    note: string;
    by?: string;
    evidence?: DecisionEvidence;
  },
): RolloutRecord {
  const { at, state, note, by, evidence } = entry;
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
      {
        at,
        weightPercent,
        note,
        ...(by && { by }),
        ...(evidence && { evidence }),
      },
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
