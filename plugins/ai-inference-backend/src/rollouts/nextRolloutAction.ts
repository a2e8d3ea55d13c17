import type {
  RolloutPause,
  RolloutProblem,
} from '@greenroom/plugin-ai-inference-common';
import {
  secondsOfStep,
  weightAtStep,
} from '@greenroom/plugin-ai-registry-common';
import {
  describeBehind,
  loadProgress,
  type LoadProgress,
  type SeenDataPlane,
} from '../dataPlanes/loadProgress';
import {
  canGiveWay,
  type TrafficSplit,
  weightOf,
} from '../deployments/trafficSplit';
import { nextStep } from './plan';
import {
  isRunning,
  problemAfterTry,
  type RolloutRecord,
  type RunningState,
} from './rollout';

/** What a rollout is decided by. */
export interface RolloutSituation {
  rollout: RolloutRecord;
  split: TrafficSplit;
  /** Version whose rollout was completed last; what the traffic comes from, and goes back to. */
  provenVersion?: number;
  /** Of the environment. */
  dataPlanes: SeenDataPlane[];
  /** Data planes on which a version has to be ready before it gets more traffic. */
  quorum: number;
  now: Date;
}

/** What to do with a running rollout now. */
export type RolloutAction =
  | { kind: 'wait' }
  /** A version that a newer one has superseded leaves its traffic to the proven one. */
  | { kind: 'give-way'; from: number; to: number }
  /** Take a step of the plan: give the new version this share, until `nextStepAt` or, paused, until somebody goes on. */
  | {
      kind: 'step';
      step: number;
      weightPercent: number;
      nextStepAt: string;
      paused?: RolloutPause;
    }
  | { kind: 'complete' }
  /** No data plane runs the new version any more: the proven one answers until one does again. */
  | { kind: 'fall-back'; to: number }
  /** A data plane runs it again: it gets the share of its step back. */
  | { kind: 'resume'; weightPercent: number; nextStepAt: string }
  /** It does not get on. With `loadAnew`, data planes are asked to try at once. */
  | { kind: 'note-problem'; problem: RolloutProblem; loadAnew: boolean }
  /** What held it is gone. */
  | { kind: 'mended' };

/**
 * Decides the next move of a rollout. Asked again in the same situation it gives the same
 * answer, so a controller may be killed between two of them.
 *
 * Traffic only moves to where it can be answered: to a version that is ready on enough of the
 * data planes that are online. The others hold nobody. Nothing here ends a rollout because it
 * does not get on: what is wrong is noted, tried again, and forgotten when it works.
 */
export function nextRolloutAction(situation: RolloutSituation): RolloutAction {
  const { rollout, split } = situation;
  if (!isRunning(rollout)) {
    return { kind: 'wait' };
  }
  const { state, toVersion } = rollout;
  const base = baseOf(situation);
  const baseReady = base !== undefined && isReadyAnywhere(situation, base);
  const progress = progressOf(situation, toVersion, rollout.toDigest);

  if (baseReady) {
    const superseded = split.find(
      ({ version, weightPercent }) =>
        weightPercent > 0 &&
        version !== base &&
        version !== toVersion &&
        canGiveWay(split, { from: version, to: base }),
    );
    if (superseded) {
      return { kind: 'give-way', from: superseded.version, to: base };
    }
    if (
      progress.ready === 0 &&
      base !== toVersion &&
      weightOf(split, toVersion) > 0
    ) {
      return { kind: 'fall-back', to: base };
    }
  }
  if (progress.ready > 0 && state.phase === 'progressing') {
    const weightPercent = weightAtStep(rollout.plan.steps, state.step);
    if (weightOf(split, toVersion) < weightPercent) {
      // The time that it was away does not count as held.
      const nextStepAt =
        situation.now.toISOString() < state.nextStepAt
          ? state.nextStepAt
          : after(
              situation.now,
              secondsOfStep(rollout.plan.steps[state.step]) ?? 0,
            );
      return { kind: 'resume', weightPercent, nextStepAt };
    }
  }
  if (progress.ready >= neededReady(situation)) {
    return moveOn(situation, state);
  }
  return noteProblem(situation, state, progress);
}

/**
 * Data planes on which the new version has to be ready. Going back to what was proven waits for
 * nobody: one that has it is better than none.
 */
export function neededReady(
  situation: Pick<RolloutSituation, 'rollout' | 'provenVersion' | 'quorum'>,
): number {
  const { rollout, provenVersion, quorum } = situation;
  const isWayBack =
    rollout.kind === 'rollback' || rollout.toVersion === provenVersion;
  return isWayBack ? 1 : Math.max(1, quorum);
}

/** The proven version, while it is still part of the split. */
function baseOf({
  split,
  provenVersion,
}: RolloutSituation): number | undefined {
  return split.some(({ version }) => version === provenVersion)
    ? provenVersion
    : undefined;
}

function isReadyAnywhere(
  situation: RolloutSituation,
  version: number,
): boolean {
  const variant = situation.split.find(item => item.version === version);
  return (
    variant !== undefined &&
    progressOf(situation, version, variant.digest).ready > 0
  );
}

function progressOf(
  { rollout, dataPlanes }: RolloutSituation,
  version: number,
  digest: string,
): LoadProgress {
  return loadProgress(dataPlanes, { model: rollout.model, version, digest });
}

/** With enough data planes ready: the next step when it is due. */
function moveOn(
  situation: RolloutSituation,
  state: RunningState,
): RolloutAction {
  const { now } = situation;
  const isDue =
    state.phase === 'loading' || now.toISOString() >= state.nextStepAt;
  if (isDue && !state.paused) {
    return moveTo(situation, state.phase === 'loading' ? 0 : state.step + 1);
  }
  return state.problem ? { kind: 'mended' } : { kind: 'wait' };
}

/** Takes the first step from `from` on that the version has not had. */
function moveTo(situation: RolloutSituation, from: number): RolloutAction {
  const { rollout, split, now } = situation;
  const { plan, startSplit, toVersion } = rollout;
  const startWeight = weightOf(startSplit, toVersion);
  const base = baseOf(situation);
  if (
    plan.strategy === 'immediate' ||
    rollout.kind === 'rollback' ||
    // Nothing was proven that traffic could come from, or it is what was proven.
    base === undefined ||
    base === toVersion ||
    weightOf(split, toVersion) >= 100
  ) {
    return { kind: 'complete' };
  }
  const step = nextStep(plan, from, startWeight);
  if (step === undefined) return { kind: 'complete' };
  const seconds = secondsOfStep(plan.steps[step]);
  return {
    kind: 'step',
    step,
    weightPercent: Math.max(startWeight, weightAtStep(plan.steps, step)),
    nextStepAt: after(now, seconds ?? 0),
    ...(seconds === undefined && {
      paused: { since: now.toISOString(), by: 'plan', leftSeconds: 0 },
    }),
  };
}

/** With too few data planes ready: says why when one got stuck, and asks them to try again when that is due. */
function noteProblem(
  { now }: RolloutSituation,
  state: RunningState,
  progress: LoadProgress,
): RolloutAction {
  const { problem } = state;
  const stuck = progress.behind.filter(behind => behind.state === 'stuck');
  if (!problem) {
    return stuck.length === 0
      ? { kind: 'wait' }
      : {
          kind: 'note-problem',
          problem: problemAfterTry(undefined, describeBehind(stuck), now),
          loadAnew: false,
        };
  }
  if (progress.online === 0) {
    return { kind: 'wait' };
  }
  const error = stuck.length > 0 ? describeBehind(stuck) : problem.error;
  if (now.toISOString() >= problem.nextTryAt) {
    return {
      kind: 'note-problem',
      problem: problemAfterTry(problem, error, now),
      loadAnew: true,
    };
  }
  return error === problem.error
    ? { kind: 'wait' }
    : { kind: 'note-problem', problem: { ...problem, error }, loadAnew: false };
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1_000).toISOString();
}
