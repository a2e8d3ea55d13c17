import {
  secondsOfStep,
  type StepsPlan,
  weightAtStep,
} from '@greenroom/plugin-ai-registry-common';
import { shiftTraffic, weightOf } from '../../deployments/trafficSplit';
import { evidenceOf, isUnread, reasonOf, reportOf } from '../evidence';
import { describeStep, nextStep } from '../plan';
import {
  isDue,
  type ProgressingState,
  type RolloutAction,
  type RolloutSituation,
  secondsLater,
  type Strategy,
} from '../situation';

/** Shares that grow from step to step; the guardrails are watched through all of them. */
export function canary(plan: StepsPlan): Strategy {
  return {
    split: ({ rollout, split }, { step }) =>
      shiftTraffic(
        split,
        rollout.toVersion,
        Math.max(
          weightOf(rollout.startSplit, rollout.toVersion),
          weightAtStep(plan.steps, step),
        ),
      ),
    secondsAt: step => secondsOfStep(plan.steps[step]) ?? 0,
    begin: situation => take(plan, situation, 0),
    goOn: (situation, state) => goOn(plan, situation, state),
  };
}

function goOn(
  plan: StepsPlan,
  situation: RolloutSituation,
  state: ProgressingState,
): RolloutAction {
  const isOver = isDue(state, situation.now);
  const step = plan.steps.at(state.step);
  if (step && 'analysisSeconds' in step && !state.override) {
    return analyse(plan, situation, state);
  }
  return isOver ? take(plan, situation, state.step + 1) : { kind: 'wait' };
}

/** At an analysis: it goes on as soon as that is decided, and at the latest somebody is asked. */
function analyse(
  plan: StepsPlan,
  situation: RolloutSituation,
  state: ProgressingState,
): RolloutAction {
  const { rollout, now } = situation;
  const report = reportOf(situation);
  const hasMetrics = (rollout.analysis?.metrics ?? []).length > 0;
  const isOver = isDue(state, now);
  if (report && (hasMetrics || isOver) && lets(situation)) {
    const next = take(plan, situation, state.step + 1);
    const why = reasonOf(report);
    return {
      ...next,
      ...(next.kind === 'step'
        ? { note: `The analysis lets it go on: ${why}. ${next.note}` }
        : { reason: `the analysis lets it go on: ${why}` }),
      by: 'analysis',
      evidence: evidenceOf(report),
    };
  }
  if (!isOver || isUnread(situation)) return { kind: 'wait' };
  return {
    kind: 'ask',
    reason: `The analysis could not decide: ${reasonOf(
      report,
    )}. Go on, or take version ${rollout.toVersion} back`,
    ...(report && { evidence: evidenceOf(report) }),
  };
}

/**
 * Whether the analysis lets the version go on: no metric is worse, or, where there is none, enough
 * callers came and no guardrail broke.
 */
export function lets(situation: RolloutSituation): boolean {
  const { rollout } = situation;
  const report = reportOf(situation);
  if (!report) return false;
  const { verdict, hasEnoughUnits, sampleRatio } = report;
  switch (verdict.kind) {
    case 'better':
      return verdict.version === rollout.toVersion;
    case 'not-worse':
      return true;
    case 'undecided':
      return (
        rollout.analysis?.metrics.length === 0 &&
        hasEnoughUnits &&
        !sampleRatio.isMismatch
      );
    default:
      return false;
  }
}

/** Takes the first step from `from` on that the version has not had. */
function take(
  plan: StepsPlan,
  situation: RolloutSituation,
  from: number,
): Extract<RolloutAction, { kind: 'step' | 'complete' }> {
  const { rollout, split, now } = situation;
  const { startSplit, toVersion } = rollout;
  const step = nextStep(plan, from, weightOf(startSplit, toVersion));
  if (step === undefined || weightOf(split, toVersion) >= 100) {
    return { kind: 'complete' };
  }
  const seconds = secondsOfStep(plan.steps[step]);
  return {
    kind: 'step',
    step,
    split: canary(plan).split(situation, { step }),
    nextStepAt: secondsLater(now, seconds ?? 0),
    ...(seconds === undefined && {
      paused: { since: now.toISOString(), by: 'plan', leftSeconds: 0 },
    }),
    note: describeStep(plan, step, toVersion),
  };
}
