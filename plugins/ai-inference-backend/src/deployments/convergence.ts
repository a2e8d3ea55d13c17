import { nameOfActor } from '@greenroom/ai-node';
import type {
  Convergence,
  DataPlaneRun,
  DataPlaneStatus,
  Deployment,
  Rollout,
  RolloutPause,
} from '@greenroom/plugin-ai-inference-common';
import { stepsOf } from '@greenroom/plugin-ai-registry-common';
import { describeAbsence } from '../deployers/dataPlaneRun';
import {
  describeBehind,
  loadProgress,
  type LoadProgress,
  type SeenDataPlane,
} from '../dataPlanes/loadProgress';
import { isBlind } from '../rollouts/nextRolloutAction';
import { isDue } from '../rollouts/situation';
import { nameOfJudge } from '../rollouts/steer';
import { describeDegraded, findDegraded } from './degraded';
import { type TrafficSplit, weightOf } from './trafficSplit';

/** Longest time for which a version that says no error counts as on its way. */
const LOADING_PATIENCE_MILLIS = 2 * 60 * 1_000;

export interface ConvergenceQuestion {
  /** The deployment's rollout; it leads to the wanted version. */
  rollout: Pick<
    Rollout,
    'environment' | 'model' | 'toVersion' | 'plan' | 'state' | 'startedAt'
  > & { toDigest: string; analysisSeenAt?: string };
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
    const by = state.by ? ` by ${nameOfJudge(state.by)}` : '';
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
  return (
    describeUnseen(question) ?? {
      state: 'moving',
      reason: describeStep(question),
    }
  );
}

/** While whoever counts cannot be asked: what waits for that, and what goes on all the same. */
function describeUnseen(
  question: ConvergenceQuestion,
): Convergence | undefined {
  const { rollout, now } = question;
  const { state, plan, toVersion } = rollout;
  if (state.phase !== 'progressing' || !state.unseen) return undefined;
  const { reason, since } = state.unseen;
  if (isBlind(rollout, now)) {
    return {
      state: 'waiting',
      reason: `Version ${toVersion} gets no more traffic until its guardrails are seen again: ${reason}`,
      since,
    };
  }
  const step = stepsOf(plan).at(state.step);
  const isAnalysis = step
    ? 'analysisSeconds' in step && !state.override
    : isDue(state, now);
  return isAnalysis
    ? {
        state: 'waiting',
        reason: `The analysis of version ${toVersion} cannot be read: ${reason}`,
        since,
      }
    : {
        state: 'moving',
        reason: `${describeStep(
          question,
        )}; its guardrails are not seen: ${reason}`,
      };
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
  const { state, toVersion, plan } = rollout;
  if (state.phase !== 'progressing') {
    return `Version ${toVersion} is ready, its first share of the traffic comes next`;
  }
  const until = toMinute(state.nextStepAt);
  const has = `Version ${toVersion} has ${weightOf(
    split,
    toVersion,
  )} % of the traffic`;
  switch (plan.strategy) {
    case 'experiment':
      return `${has} in an experiment that ends at ${until} at the latest`;
    case 'shadow':
      return `Version ${toVersion} answers copies of requests until ${until}`;
    case 'adaptive':
      return `${has}, and its share is looked at again at ${until}`;
    default: {
      const step = stepsOf(plan).at(state.step);
      return step && 'analysisSeconds' in step
        ? `${has} while the analysis decides, at ${until} at the latest`
        : `${has} until ${until}`;
    }
  }
}

function describePause(
  { rollout, split }: ConvergenceQuestion,
  { by, asks, reason, since }: RolloutPause,
): { reason: string; since: string } {
  const weight = weightOf(split, rollout.toVersion);
  return {
    reason: asks
      ? `Version ${rollout.toVersion} keeps ${weight} % of the traffic until somebody decides. ${reason}`
      : `Version ${
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
