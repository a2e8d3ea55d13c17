import type {
  Convergence,
  Deployment,
  Rollout,
  RolloutState,
} from '@greenroom/plugin-ai-inference-common';
import {
  describeBehind,
  loadProgress,
  type LoadProgress,
  type SeenDataPlane,
} from '../dataPlanes/loadProgress';
import type { TrafficSplit } from './trafficSplit';

/** Longest time for which a version that says no error counts as on its way. */
const LOADING_PATIENCE_MILLIS = 2 * 60 * 1_000;

export interface ConvergenceQuestion {
  /** The deployment's rollout; it leads to the wanted version. */
  rollout: Pick<
    Rollout,
    'environment' | 'model' | 'toVersion' | 'plan' | 'state' | 'startedAt'
  > & { toDigest: string };
  split: TrafficSplit;
  /** Of the environment. */
  dataPlanes: (SeenDataPlane & { lastSeenAt: string })[];
  /** Data planes on which the version has to be ready before traffic moves to it. */
  needed: number;
  now: Date;
}

/** What serves, next to what is wanted: read from what the data planes say, never from what was asked of them. */
export function describeConvergence(
  question: ConvergenceQuestion,
): Pick<Deployment, 'convergence' | 'dataPlanes'> {
  const { rollout, dataPlanes } = question;
  const progress = loadProgress(dataPlanes, {
    model: rollout.model,
    version: rollout.toVersion,
    digest: rollout.toDigest,
  });
  const degraded = findDegraded(question, progress);
  return {
    dataPlanes: { ready: progress.ready, total: progress.online, degraded },
    convergence: judge(question, progress, degraded),
  };
}

function judge(
  question: ConvergenceQuestion,
  progress: LoadProgress,
  degraded: { reason: string }[],
): Convergence {
  const { rollout, dataPlanes } = question;
  const { state } = rollout;
  if (state.phase === 'rejected') {
    return {
      state: 'waiting',
      reason: `Version ${rollout.toVersion} is held: ${state.reason}`,
      since: state.rejectedAt,
    };
  }
  if ('problem' in state && state.problem) {
    const { error, since, nextTryAt } = state.problem;
    return { state: 'waiting', reason: error, since, nextTryAt };
  }
  if (progress.online === 0) {
    const seen = dataPlanes.map(({ lastSeenAt }) => lastSeenAt).sort();
    return {
      state: 'waiting',
      reason: `No data plane of ${rollout.environment} is online`,
      since: seen.at(-1) ?? rollout.startedAt,
    };
  }
  if (state.phase === 'completed' && progress.ready > 0) {
    return degraded.length === 0
      ? { state: 'serving' }
      : { state: 'degraded', reason: describeDegraded(degraded) };
  }
  if (progress.ready < Math.max(1, question.needed)) {
    return waitForLoading(question, progress);
  }
  return { state: 'moving', reason: describeStep(question) };
}

function waitForLoading(
  { rollout, needed, now }: ConvergenceQuestion,
  { ready, behind }: LoadProgress,
): Convergence {
  const reason =
    behind.length > 0
      ? describeBehind(behind)
      : `Version ${rollout.toVersion} is ready on ${ready} of the ${needed} data planes that it needs`;
  const since = restingSince(rollout.state) ?? rollout.startedAt;
  const waitedMillis = now.getTime() - Date.parse(since);
  const onItsWay =
    behind.length > 0 && behind.every(({ state }) => state !== 'stuck');
  return onItsWay && waitedMillis < LOADING_PATIENCE_MILLIS
    ? { state: 'moving', reason }
    : { state: 'waiting', reason, since };
}

function restingSince(state: RolloutState): string | undefined {
  switch (state.phase) {
    case 'progressing':
      return state.nextStepAt;
    case 'completed':
      return state.completedAt;
    default:
      return undefined;
  }
}

function describeStep({ rollout, split }: ConvergenceQuestion): string {
  const { state, toVersion } = rollout;
  const weight =
    split.find(({ version }) => version === toVersion)?.weightPercent ?? 0;
  return state.phase === 'progressing'
    ? `Version ${toVersion} has ${weight} % of the traffic until ${toMinute(
        state.nextStepAt,
      )}`
    : `Version ${toVersion} is ready, its first share of the traffic comes next`;
}

/** As people read it: 2026-05-03 12:02 UTC. */
function toMinute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/**
 * Data planes that do not serve as they should. Before the version is ready anywhere only those
 * that got stuck are named: the others are simply on their way.
 */
function findDegraded(
  { rollout, split, dataPlanes }: ConvergenceQuestion,
  progress: LoadProgress,
): { publicUrl: string; reason: string }[] {
  const loading = rollout.state.phase === 'loading' || progress.ready === 0;
  const wanted = progress.behind.filter(
    ({ state }) => state === 'stuck' || !loading,
  );
  const others = split
    .filter(
      ({ version, weightPercent }) =>
        version !== rollout.toVersion && weightPercent > 0,
    )
    .flatMap(
      ({ version, digest }) =>
        loadProgress(dataPlanes, { model: rollout.model, version, digest })
          .behind,
    )
    .filter(({ state }) => state === 'stuck');
  const reasons = new Map<string, string[]>();
  for (const { publicUrl, reason } of [...wanted, ...others]) {
    reasons.set(publicUrl, [...(reasons.get(publicUrl) ?? []), reason]);
  }
  return [...reasons].map(([publicUrl, all]) => ({
    publicUrl,
    reason: all.join('; '),
  }));
}

function describeDegraded(degraded: { reason: string }[]): string {
  const [first, ...others] = degraded;
  return others.length === 0
    ? first.reason
    : `${first.reason} (${degraded.length} data planes are degraded)`;
}
