import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { compareCost as compare } from '../../evaluationRuns/compareCost';
import type { GateRun } from '../../evaluationRuns/GateRuns';
import type { GateResult } from '../transitions';
import type { PromotionStep, StepContext } from './PromotionStep';
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
export const compareCost: PromotionStep = {
  name: 'compare-cost',
  async run(context) {
    const plan = await findPromptPlan(context);
    if ('none' in plan) return { outcome: 'done', skippedBecause: plan.none };
    const gate = await check(context, plan);
    return gate
      ? { outcome: 'done', changes: { gate } }
      : {
          outcome: 'done',
          skippedBecause:
            'Not told: the prompts were not asked, and the manifest names no limit.',
        };
  },
};

async function check(
  context: StepContext,
  plan: PromptPlan,
): Promise<GateResult | undefined> {
  const { maxCostIncreaseShare } = plan;
  const runs = await findPlannedRuns(context, plan);
  const { candidate, running } = runs;
  if (candidate.state !== 'done' || (running && running.state !== 'done')) {
    return maxCostIncreaseShare === undefined
      ? undefined
      : {
          id: 'cost',
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
  return { id: 'cost', status: STATUS[outcome], summary, evidence };
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
