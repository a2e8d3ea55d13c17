import {
  describeBehind,
  loadProgress,
  type LoadProgress,
} from '../dataPlanes/loadProgress';
import { hasSameShares, weightOf } from '../deployments/trafficSplit';
import { triedMillis } from './backoff';
import { judge } from './judge';
import {
  isRunning,
  problemAfterTry,
  type RolloutRecord,
  type RunningState,
  versionsOf,
} from './rollout';
import {
  isDue,
  type ProgressingState,
  type RolloutAction,
  type RolloutSituation,
  secondsLater,
} from './situation';
import { strategyOf } from './strategies/strategyOf';

/** So long nobody may be blind: with what was seen before, a version gets no more traffic. */
const BLIND_MILLIS = 5 * 60_000;

/**
 * Decides the next move of a rollout. Asked again in the same situation it gives the same
 * answer, so a controller may be killed between two of them.
 *
 * Traffic only moves to where it can be answered: to versions that are ready on enough of the
 * data planes that are online. The others hold nobody. What is wrong is noted, tried again, and
 * forgotten when it works. What takes a version back is a judgement on it, by the analysis or by
 * the brake of a data plane, and that waits neither for a step nor for somebody who has paused it;
 * or that it was tried for long and does not load, while what was proven does.
 */
export function nextRolloutAction(situation: RolloutSituation): RolloutAction {
  const { rollout, split } = situation;
  if (!isRunning(rollout)) {
    return { kind: 'wait' };
  }
  const { state } = rollout;
  const base = baseOf(situation);
  const needed = neededVersions(situation, base);

  if (base !== undefined && isReadyAnywhere(situation, base)) {
    const planned = versionsOf(rollout);
    const superseded = split.filter(
      ({ version, weightPercent }) =>
        weightPercent > 0 &&
        version !== base &&
        !planned.some(item => item.version === version),
    );
    if (superseded.length > 0) {
      const from = superseded.map(({ version }) => version);
      return { kind: 'give-way', from, to: base };
    }
    const judged = judge(situation, base);
    if (judged) return judged;
    const gone = needed.find(
      ({ version, progress }) =>
        version !== base &&
        progress.ready === 0 &&
        weightOf(split, version) > 0,
    );
    if (gone) return { kind: 'fall-back', to: base, version: gone.version };
  }
  if (
    state.phase === 'progressing' &&
    needed.every(({ progress }) => progress.ready > 0)
  ) {
    const resumed = resume(situation, state);
    if (resumed) return resumed;
  }
  const behind = needed.find(
    ({ version, progress }) =>
      progress.ready < (version === base ? 1 : neededReady(situation)),
  );
  if (!behind) return moveOn(situation, state, base);
  return (
    giveUp(situation, state, { base, behind: behind.progress }) ??
    noteProblem(situation, state, behind.progress)
  );
}

/** Versions that have to be ready, with how far each is. Those of a comparison at fixed shares are needed all, since each answers a part of the callers. */
function neededVersions(
  situation: RolloutSituation,
  base: number | undefined,
): { version: number; progress: LoadProgress }[] {
  const { rollout, split } = situation;
  const { plan, state, toVersion } = rollout;
  const dropped = (state.phase === 'progressing' && state.dropped) || [];
  const needsBase =
    base !== undefined &&
    !completesAtOnce(situation, base) &&
    !['canary', 'immediate'].includes(plan.strategy);
  const versions = completesAtOnce(situation, base)
    ? versionsOf(rollout).filter(({ version }) => version === toVersion)
    : versionsOf(rollout).filter(({ version }) => !dropped.includes(version));
  const proven = split.find(({ version }) => version === base);
  const all =
    needsBase && proven && !versions.some(({ version }) => version === base)
      ? [...versions, proven]
      : versions;
  return all.map(({ version, digest }) => ({
    version,
    progress: progressOf(situation, version, digest),
  }));
}

/** Whether nothing was proven that traffic could come from, or there is nothing to find out. */
function completesAtOnce(
  { rollout }: RolloutSituation,
  base: number | undefined,
): boolean {
  const { plan, kind, toVersion } = rollout;
  return (
    plan.strategy === 'immediate' ||
    kind === 'rollback' ||
    base === undefined ||
    // An experiment may be about what runs, compared with others.
    (base === toVersion && plan.strategy !== 'experiment')
  );
}

/** Gives back what was taken while no data plane ran a version. */
function resume(
  situation: RolloutSituation,
  state: ProgressingState,
): RolloutAction | undefined {
  const strategy = strategyOf(situation.rollout.plan);
  const split = strategy.split(situation, state);
  if (hasSameShares(split, situation.split)) return undefined;
  // The time that it was away does not count as held.
  const nextStepAt = isDue(state, situation.now)
    ? secondsLater(situation.now, strategy.secondsAt(state.step))
    : state.nextStepAt;
  return { kind: 'resume', split, nextStepAt };
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

/** With enough data planes ready: what the plan says comes next. */
function moveOn(
  situation: RolloutSituation,
  state: RunningState,
  base: number | undefined,
): RolloutAction {
  const idle: RolloutAction = { kind: state.problem ? 'mended' : 'wait' };
  if (state.paused) return idle;
  if (state.phase === 'loading') {
    return completesAtOnce(situation, base)
      ? { kind: 'complete' }
      : strategyOf(situation.rollout.plan).begin(situation);
  }
  const action = strategyOf(situation.rollout.plan).goOn(situation, state);
  if (action.kind === 'wait') return idle;
  const isMore = action.kind === 'step' || action.kind === 'complete';
  return isMore && isBlind(situation.rollout, situation.now) ? idle : action;
}

/** Whether the analysis was seen before and has not been for minutes: the guardrails may be broken. */
export function isBlind(
  { state, analysisSeenAt }: Pick<RolloutRecord, 'state' | 'analysisSeenAt'>,
  now: Date,
): boolean {
  return (
    state.phase === 'progressing' &&
    state.unseen !== undefined &&
    state.override === undefined &&
    analysisSeenAt !== undefined &&
    now.getTime() - Date.parse(state.unseen.since) >= BLIND_MILLIS
  );
}

/**
 * Takes a version back that was tried for long. Tries are counted, and not hours: while the control
 * plane, or all data planes, were away, nobody could have loaded it.
 */
function giveUp(
  situation: RolloutSituation,
  { problem, paused }: RunningState,
  { base, behind }: { base: number | undefined; behind: LoadProgress },
): RolloutAction | undefined {
  const { rollout, giveUpMillis, now } = situation;
  const stuck = behind.behind.filter(({ state }) => state === 'stuck');
  const canGoBack =
    base !== undefined &&
    base !== rollout.toVersion &&
    rollout.kind !== 'rollback' &&
    isReadyAnywhere(situation, base);
  if (!canGoBack || !problem || paused || stuck.length === 0) return undefined;
  const isDueAgain = now.toISOString() >= problem.nextTryAt;
  const isLong =
    giveUpMillis !== undefined && triedMillis(problem.attempts) >= giveUpMillis;
  if (!isDueAgain || !isLong) return undefined;
  return {
    kind: 'take-back',
    to: base,
    by: 'deadline',
    reason: `it was not ready after ${problem.attempts} tries since ${toMinute(
      problem.since,
    )}: ${describeBehind(stuck)}`,
  };
}

/** As people read it: 2026-05-03 12:02 UTC. */
function toMinute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
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
