import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import { sharesWithout, withShares } from '../../deployments/trafficSplit';
import {
  evidenceOf,
  isUnread,
  reasonOf,
  reportOf,
  withoutStop,
} from '../evidence';
import { problemAfterTry, type RunningState } from '../rollout';
import {
  isDue,
  type ProgressingState,
  type RolloutAction,
  type RolloutSituation,
  secondsLater,
  type StepState,
  type Strategy,
} from '../situation';

type ExperimentPlan = Extract<RolloutPlan, { strategy: 'experiment' }>;

/** Versions at fixed shares, until one is better for sure or the time is over. */
export function experiment(plan: ExperimentPlan): Strategy {
  return {
    split: ({ split }, state) => withShares(split, sharesOf(plan, state)),
    secondsAt: () => plan.end.atMostSeconds,
    begin: situation => begin(plan, situation),
    goOn: (situation, state) => goOn(plan, situation, state),
  };
}

function sharesOf(plan: ExperimentPlan, { dropped = [] }: StepState) {
  const all = [plan.control, ...plan.treatments].map(
    ({ version, sharePercent }) => ({ version, sharePercent }),
  );
  return sharesWithout(all, dropped);
}

function begin(
  plan: ExperimentPlan,
  situation: RolloutSituation,
): RolloutAction {
  const { provenVersion, rollout, now } = situation;
  const { control, treatments, end } = plan;
  if (control.version !== provenVersion) {
    const error = `The experiment compares with version ${control.version}, but version ${provenVersion} is what runs: name that one as spec.rollout.control in the manifest`;
    const { problem } = rollout.state as RunningState;
    const before = problem?.error === error ? problem : undefined;
    return before && now.toISOString() < before.nextTryAt
      ? { kind: 'wait' }
      : {
          kind: 'note-problem',
          problem: problemAfterTry(before, error, now),
          loadAnew: false,
        };
  }
  const told = treatments.map(
    ({ version, sharePercent }) => `version ${version} gets ${sharePercent} %`,
  );
  return {
    kind: 'step',
    step: 0,
    split: withShares(situation.split, sharesOf(plan, { step: 0 })),
    nextStepAt: secondsLater(now, end.atMostSeconds),
    note: `The experiment begins: ${told.join(', ')}, version ${
      control.version
    } keeps ${control.sharePercent} %, for at most ${
      end.atMostSeconds
    } seconds`,
  };
}

function goOn(
  plan: ExperimentPlan,
  situation: RolloutSituation,
  state: ProgressingState,
): RolloutAction {
  const { rollout, now } = situation;
  const report = reportOf(situation);
  const { override, dropped = [] } = state;
  if (override) return { kind: 'complete' };
  if (plan.treatments.every(({ version }) => dropped.includes(version))) {
    return endWithout(
      situation,
      'every version that was compared with it was taken out',
    );
  }
  const winner = report && winnerOf(plan, { report, dropped });
  if (report && winner !== undefined) {
    return concludeFor(plan, situation, { winner, report });
  }
  if (!isDue(state, now) || isUnread(situation)) return { kind: 'wait' };
  return endWithout(
    situation,
    `the experiment ended undecided after ${
      plan.end.atMostSeconds
    } seconds: ${reasonOf(report)}. Version ${
      rollout.comparison?.control
    } stays`,
  );
}

/** The version that is better for sure, once each has the callers that the plan asks for. */
function winnerOf(
  plan: ExperimentPlan,
  options: { report: ComparisonReport; dropped: number[] },
): number | undefined {
  const { report, dropped } = options;
  const { verdict, versions, hasEnoughUnits } = report;
  const isEnough = versions.every(
    ({ version, units }) =>
      dropped.includes(version) || units >= plan.end.minUnitsPerVariant,
  );
  return verdict.kind === 'better' && hasEnoughUnits && isEnough
    ? verdict.version
    : undefined;
}

function concludeFor(
  plan: ExperimentPlan,
  situation: RolloutSituation,
  { winner, report }: { winner: number; report: ComparisonReport },
): RolloutAction {
  const { toVersion } = situation.rollout;
  const why = withoutStop(report.verdict.reason);
  const evidence = evidenceOf(report);
  if (winner !== toVersion) {
    return endWithout(
      situation,
      `version ${winner} won the experiment: ${why}. Promote it to have it serve`,
    );
  }
  return plan.end.winner === 'serve'
    ? {
        kind: 'complete',
        by: 'analysis',
        reason: `version ${winner} won the experiment: ${why}`,
        evidence,
      }
    : {
        kind: 'ask',
        reason: `Version ${winner} won the experiment: ${why}. Go on for it to get all traffic, or take it back`,
        evidence,
      };
}

/** Ends it without the wanted version as its winner: what was proven goes on. */
function endWithout(
  situation: RolloutSituation,
  reason: string,
): RolloutAction {
  const { rollout, provenVersion } = situation;
  const report = reportOf(situation);
  const evidence = report && evidenceOf(report);
  const decided = {
    by: 'analysis' as const,
    reason,
    ...(evidence && { evidence }),
  };
  return provenVersion === undefined || rollout.toVersion === provenVersion
    ? { kind: 'complete', ...decided }
    : { kind: 'take-back', to: provenVersion, ...decided };
}
