import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import { withShares } from '../../deployments/trafficSplit';
import {
  evidenceOf,
  findingsOf,
  isUnread,
  reasonOf,
  reportOf,
} from '../evidence';
import {
  isDue,
  type ProgressingState,
  type RolloutAction,
  type RolloutSituation,
  secondsLater,
  type Strategy,
} from '../situation';
import { lets } from './canary';

type ShadowPlan = Extract<RolloutPlan, { strategy: 'shadow' }>;

/** The version answers copies of requests, and nobody gets its answers. */
export function shadow(plan: ShadowPlan): Strategy {
  const split: Strategy['split'] = situation =>
    situation.provenVersion === undefined
      ? situation.split
      : withShares(situation.split, [
          { version: situation.provenVersion, sharePercent: 100 },
        ]);
  return {
    split,
    secondsAt: () => plan.forSeconds,
    begin: situation => ({
      kind: 'step',
      step: 0,
      split: split(situation, { step: 0 }),
      nextStepAt: secondsLater(situation.now, plan.forSeconds),
      note: `Version ${situation.rollout.toVersion} answers copies of ${plan.samplePercent} % of the requests for ${plan.forSeconds} seconds; callers get the answers of version ${situation.provenVersion}`,
    }),
    goOn,
  };
}

function goOn(
  situation: RolloutSituation,
  state: ProgressingState,
): RolloutAction {
  const { rollout, now } = situation;
  const { toVersion, hasOwnAnalysis } = rollout;
  if (state.override) return { kind: 'complete' };
  if (!isDue(state, now) || isUnread(situation)) return { kind: 'wait' };
  const report = reportOf(situation);
  const evidence = report && { evidence: evidenceOf(report) };
  if (hasOwnAnalysis && lets(situation)) {
    return {
      kind: 'complete',
      by: 'analysis',
      reason: `the shadow passed: ${reasonOf(report)}`,
      ...evidence,
    };
  }
  const copies =
    report?.versions.find(({ version }) => version === toVersion)?.requests ??
    0;
  return {
    kind: 'ask',
    reason: hasOwnAnalysis
      ? `The analysis could not decide about the ${copies} copies that version ${toVersion} answered: ${reasonOf(
          report,
        )}. Go on for it to get all traffic, or take it back`
      : `Version ${toVersion} answered ${copies} copies. ${findingsOf(
          report,
          toVersion,
        )}. Go on for it to get all traffic, or take it back`,
    ...evidence,
  };
}
