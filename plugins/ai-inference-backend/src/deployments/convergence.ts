import { nameOfActor } from '@greenroom/ai-node';
import type {
  Convergence,
  DataPlaneRun,
  DataPlaneStatus,
  Deployment,
  Rollout,
  RolloutPause,
} from '@greenroom/plugin-ai-inference-common';
import { describeAbsence } from '../deployers/dataPlaneRun';
import {
  describeBehind,
  loadProgress,
  type LoadProgress,
  type SeenDataPlane,
} from '../dataPlanes/loadProgress';
import { type TrafficSplit, weightOf } from './trafficSplit';

/** Time for a data plane to fetch and take over new routes; it waits for them and reports every two seconds. */
const TAKE_OVER_MILLIS = 20_000;
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
  dataPlanes: (SeenDataPlane &
    Pick<DataPlaneStatus, 'firstSeenAt' | 'lastSeenAt' | 'snapshotAsOf'>)[];
  /** How the data plane is that the control plane runs there; undefined where it runs none. */
  run?: DataPlaneRun;
  /** When the split was changed last. */
  changedAt: string;
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
    dataPlanes: {
      ready: progress.ready,
      total: progress.online,
      ...(question.run && { onDemand: true }),
      degraded,
    },
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
    const by = state.by ? ` by ${nameOfActor(state.by)}` : '';
    return {
      state: 'rejected',
      reason: `Version ${rollout.toVersion} was taken back${by}: ${state.reason}`,
      since: state.rejectedAt,
    };
  }
  const absence =
    progress.online === 0 && question.run
      ? describeAbsence(rollout.environment, question.run)
      : undefined;
  if (absence) return absence;
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
  if ('paused' in state && state.paused) {
    return { state: 'paused', ...describePause(question, state.paused) };
  }
  if (progress.ready < Math.max(1, question.needed)) {
    return waitForLoading(question, progress);
  }
  return { state: 'moving', reason: describeStep(question) };
}

function waitForLoading(
  { rollout, dataPlanes, needed, now }: ConvergenceQuestion,
  { ready, behind }: LoadProgress,
): Convergence {
  const reason =
    behind.length > 0
      ? describeBehind(behind)
      : `Version ${rollout.toVersion} is ready on ${ready} of the ${needed} data planes that it needs`;
  const since = loadingSince(rollout, dataPlanes);
  const waitedMillis = now.getTime() - Date.parse(since);
  const onItsWay =
    behind.length > 0 && behind.every(({ state }) => state !== 'stuck');
  return onItsWay && waitedMillis < LOADING_PATIENCE_MILLIS
    ? { state: 'moving', reason }
    : { state: 'waiting', reason, since };
}

/** Since when the version could have been loaded: a data plane may have started after the rollout. */
function loadingSince(
  { state, startedAt }: ConvergenceQuestion['rollout'],
  dataPlanes: ConvergenceQuestion['dataPlanes'],
): string {
  const started = dataPlanes
    .filter(({ online }) => online)
    .map(({ firstSeenAt }) => firstSeenAt)
    .sort();
  const due = state.phase === 'progressing' ? state.nextStepAt : startedAt;
  return [due, ...started.slice(0, 1)].sort().at(-1) ?? due;
}

function describeStep({ rollout, split }: ConvergenceQuestion): string {
  const { state, toVersion } = rollout;
  const weight = weightOf(split, toVersion);
  return state.phase === 'progressing'
    ? `Version ${toVersion} has ${weight} % of the traffic until ${toMinute(
        state.nextStepAt,
      )}`
    : `Version ${toVersion} is ready, its first share of the traffic comes next`;
}

function describePause(
  { rollout, split }: ConvergenceQuestion,
  { by, reason, since }: RolloutPause,
): { reason: string; since: string } {
  const weight = weightOf(split, rollout.toVersion);
  return {
    reason: `Version ${
      rollout.toVersion
    } keeps ${weight} % of the traffic until somebody goes on: paused by ${
      by === 'plan' ? 'its plan' : nameOfActor(by)
    }${reason ? `, ${reason}` : ''}`,
    since,
  };
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
  question: ConvergenceQuestion,
  progress: LoadProgress,
): { publicUrl: string; reason: string }[] {
  const { rollout, split, dataPlanes } = question;
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
  for (const { publicUrl, reason } of [
    ...wanted,
    ...others,
    ...findStale(question),
  ]) {
    reasons.set(publicUrl, [...(reasons.get(publicUrl) ?? []), reason]);
  }
  return [...reasons].map(([publicUrl, all]) => ({
    publicUrl,
    reason: all.join('; '),
  }));
}

/** Data planes that are online and should have taken over the latest split by now, but have not. */
function findStale({ dataPlanes, changedAt, now }: ConvergenceQuestion) {
  return dataPlanes
    .filter(
      ({ online, firstSeenAt, snapshotAsOf = '' }) =>
        online &&
        snapshotAsOf < changedAt &&
        [changedAt, firstSeenAt].every(
          at => now.getTime() - Date.parse(at) > TAKE_OVER_MILLIS,
        ),
    )
    .map(({ publicUrl, snapshotAsOf }) => ({
      publicUrl,
      reason: `The data plane at ${publicUrl} ${
        snapshotAsOf === undefined
          ? 'serves no snapshot that was sent to it yet'
          : `still serves the snapshot of ${toSecond(snapshotAsOf)}`
      }, and the split was changed at ${toSecond(changedAt)}`,
    }));
}

function toSecond(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

function describeDegraded(degraded: { reason: string }[]): string {
  const [first, ...others] = degraded;
  return others.length === 0
    ? first.reason
    : `${first.reason} (${degraded.length} data planes are degraded)`;
}
