import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { compareCost as compare } from '../../evaluationRuns/compareCost';
import type { GateRun } from '../../evaluationRuns/GateRuns';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';
import {
  findPlannedRuns,
  findPromptPlan,
  type PromptPlan,
} from './promptEvaluation';

const STATUS = {
  passed: 'passed',
  failed: 'failed',
  'cannot-tell': 'undecided',
  skipped: 'skipped',
} as const;

/** What a call costs with the version must not grow by more than the manifest lets pass. */
export const cost: PromotionGate = {
  id: 'cost',
  title: 'Cost of a call',
  step: { name: 'compare-cost', title: 'Compare the cost' },
  when: 'once',
  defaultMode: 'required',
  ofRollback: 'off',
  isOnDemand: true,
  configure: () => ({
    async check(context) {
      const plan = await findPromptPlan(context);
      if ('none' in plan) return { status: 'not-asked', because: plan.none };
      return check(context, plan);
    },
  }),
};

async function check(
  context: StepContext,
  plan: PromptPlan,
): Promise<GateFinding> {
  const { maxCostIncreaseShare } = plan;
  const runs = await findPlannedRuns(context, plan);
  const { candidate, running } = runs;
  if (candidate.state !== 'done' || (running && running.state !== 'done')) {
    return maxCostIncreaseShare === undefined
      ? {
          status: 'not-asked',
          because:
            'Not told: the prompts were not asked, and the manifest names no limit.',
        }
      : {
          status: 'undecided',
          summary:
            'What a call costs cannot be told: the prompts were not asked of both versions.',
        };
  }
  const { outcome, summary, evidence } = compare({
    candidate: priced(context, plan.candidate, candidate),
    base: running && plan.running && priced(context, plan.running, running),
    maxIncreaseShare: maxCostIncreaseShare,
  });
  return { status: STATUS[outcome], summary, evidence };
}

function priced(
  context: StepContext,
  { version, external }: ModelVersionDetail,
  { run, results }: Extract<GateRun, { state: 'done' }>,
) {
  return {
    version,
    run,
    results,
    price: external && context.priceOf(external),
  };
}
