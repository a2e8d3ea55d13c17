import { withFloor } from '@greenroom/ml-kit';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import { type TrafficSplit, withShares } from '../../deployments/trafficSplit';
import { updatesOf } from '../comparison';
import { evidenceOf, isUnread, reportOf } from '../evidence';
import type { RolloutRecord } from '../rollout';
import {
  isDue,
  type ProgressingState,
  type RolloutAction,
  type RolloutSituation,
  secondsLater,
  type Strategy,
} from '../situation';

type AdaptivePlan = Extract<RolloutPlan, { strategy: 'adaptive' }>;

/** Chance to be the better one at which the new version has won; it has lost at 1 less this. */
const WON = 0.95;
/** Shares are told to people: tenths of a percent are enough. */
const SHARE_STEPS_A_PERCENT = 10;

/** Shares follow the chance to be the better version (Thompson sampling), with a floor for both. */
export function adaptive(plan: AdaptivePlan): Strategy {
  return {
    split: (situation, { sharePercent = 50 }) =>
      splitOf(situation, sharePercent),
    secondsAt: () => plan.updateSeconds,
    begin: situation => {
      // Nothing is known yet: both are as likely to be the better one.
      const sharePercent = shareFor(plan, 0.5);
      return {
        kind: 'step',
        step: 0,
        split: splitOf(situation, sharePercent),
        sharePercent,
        nextStepAt: secondsLater(situation.now, plan.updateSeconds),
        note: `Version ${situation.rollout.toVersion} begins with ${sharePercent} %; its share follows '${plan.metric}', every ${plan.updateSeconds} seconds`,
      };
    },
    goOn: (situation, state) => goOn(plan, situation, state),
  };
}

function goOn(
  plan: AdaptivePlan,
  situation: RolloutSituation,
  state: ProgressingState,
): RolloutAction {
  const { rollout, provenVersion, now } = situation;
  const { toVersion } = rollout;
  if (state.override) return { kind: 'complete' };
  if (!isDue(state, now) || isUnread(situation)) return { kind: 'wait' };
  const report = reportOf(situation);
  // Callers who came otherwise than planned are no fair comparison.
  const fair = report?.sampleRatio.isMismatch ? undefined : report;
  const units = addUnits(state.unitsBefore, fair);
  const chance = chanceOf(plan, fair, rollout);
  const evidence = report && { evidence: evidenceOf(report) };
  const findings = describe(plan, { units, chance, version: toVersion });
  const isEnough =
    units.length > 1 &&
    units.every(
      item => item.units >= (rollout.analysis?.minUnitsPerVariant ?? 0),
    );
  if (isEnough && chance >= WON) {
    return { kind: 'complete', by: 'analysis', reason: findings, ...evidence };
  }
  if (isEnough && chance <= 1 - WON && provenVersion !== undefined) {
    return {
      kind: 'take-back',
      to: provenVersion,
      by: 'analysis',
      reason: findings,
      ...evidence,
    };
  }
  const updates = updatesOf(plan);
  const step = state.step + 1;
  if (step >= updates) {
    return {
      kind: 'ask',
      reason: `The time of the plan is over, undecided: ${findings}. Go on for version ${toVersion} to get all traffic, or take it back`,
      ...evidence,
    };
  }
  const sharePercent = shareFor(plan, chance);
  return {
    kind: 'step',
    step,
    split: splitOf(situation, sharePercent),
    sharePercent,
    nextStepAt: secondsLater(now, plan.updateSeconds),
    unitsBefore: units,
    note: `Update ${
      step + 1
    } of ${updates}: version ${toVersion} gets ${sharePercent} %, since ${findings}`,
    ...evidence,
  };
}

type Units = NonNullable<ProgressingState['unitsBefore']>;

function addUnits(
  before: Units = [],
  report: ComparisonReport | undefined,
): Units {
  if (!report) return before;
  return report.versions.map(({ version, units }) => ({
    version,
    units: units + (before.find(item => item.version === version)?.units ?? 0),
  }));
}

/**
 * That the new version is the better one; a half while nothing is known. By the first metric all
 * comparisons of the rollout add up, each weighed by how exact it is: within one the shares are
 * fixed, so that neither the time of day nor the shares come between.
 */
function chanceOf(
  plan: AdaptivePlan,
  report: ComparisonReport | undefined,
  { analysis, toVersion }: RolloutRecord,
): number {
  const isFirst = analysis?.metrics.at(0)?.name === plan.metric;
  const overAll = report?.chanceToBeBest?.find(
    ({ version }) => version === toVersion,
  )?.probability;
  const own = report?.metrics.find(
    ({ name, version }) => name === plan.metric && version === toVersion,
  )?.chanceToWin;
  return (isFirst ? overAll : undefined) ?? own ?? 0.5;
}

function shareFor(plan: AdaptivePlan, chance: number): number {
  const [, share] = withFloor([1 - chance, chance], plan.floorPercent / 100);
  return (
    Math.round(share * 100 * SHARE_STEPS_A_PERCENT) / SHARE_STEPS_A_PERCENT
  );
}

function splitOf(
  { rollout, provenVersion, split }: RolloutSituation,
  sharePercent: number,
): TrafficSplit {
  return provenVersion === undefined
    ? split
    : withShares(split, [
        { version: provenVersion, sharePercent: 100 - sharePercent },
        { version: rollout.toVersion, sharePercent },
      ]);
}

function describe(
  plan: AdaptivePlan,
  options: { units: Units; chance: number; version: number },
): string {
  const { units, chance, version } = options;
  const callers = units
    .map(item => `${item.units} callers of version ${item.version}`)
    .join(' and ');
  return `version ${version} is the better one by '${
    plan.metric
  }' with a chance of ${(chance * 100).toFixed(1)} %${
    callers ? `, by ${callers}` : ''
  }`;
}
