import { compareRuns } from '../../evaluationRuns/compareRuns';
import { answersChats } from '../../evaluationRuns/evaluationRun';
import { manifestPath } from '../../manifests';
import { chooseEvaluations } from '../chooseEvaluations';
import { compareEvaluations } from '../compareEvaluations';
import { describeEvaluations } from '../describeEvaluations';
import type { GateResult } from '../transitions';
import type { PromotionStep, StepContext } from './PromotionStep';
import {
  findPlannedRuns,
  findPromptPlan,
  type PromptPlan,
} from './promptEvaluation';

/** What no evaluation can tell, a reviewer decides. */
const STATUS = {
  passed: 'passed',
  failed: 'failed',
  'cannot-tell': 'undecided',
} as const;

/** The version must not be worse than the running one by more than the margin. */
export const compareEvaluation: PromotionStep = {
  name: 'compare-evaluation',
  async run(context) {
    const plan = await findPromptPlan(context);
    const gate =
      'none' in plan ? await check(context) : await checkPrompts(context, plan);
    return { outcome: 'done', changes: { gate } };
  },
};

/** By how versions answered the prompts that the manifest names. */
async function checkPrompts(
  context: StepContext,
  plan: PromptPlan,
): Promise<GateResult> {
  const { candidate, running } = await findPlannedRuns(context, plan);
  // Both versions mostly have the same reason.
  const reasons = new Set(
    [candidate, running].flatMap(run =>
      run === undefined || run.state === 'done' ? [] : [explain(run)],
    ),
  );
  if (candidate.state !== 'done' || (running && running.state !== 'done')) {
    return {
      id: 'evaluation',
      status: 'undecided',
      summary: `${[...reasons].join(
        '. ',
      )}. Mend that (what is asked stands in ${manifestPath(
        context.promotion,
      )}, under spec.evaluation), then run the gates again; or a reviewer decides.`,
      evidence: { kind: 'evaluation' },
    };
  }
  const { outcome, summary, evidence } = compareRuns({
    evaluation: plan.evaluation,
    candidate: { ...candidate, version: plan.candidate.version },
    base:
      running && plan.running
        ? { ...running, version: plan.running.version }
        : undefined,
    marginShare: plan.maxLossShare ?? context.settings.evaluationMargin,
  });
  return { id: 'evaluation', status: STATUS[outcome], summary, evidence };
}

function explain(
  run:
    | { state: 'under-way'; waitingFor: string }
    | { state: 'impossible'; reason: string },
): string {
  const text = run.state === 'under-way' ? run.waitingFor : run.reason;
  return text.replace(/\.$/, '');
}

async function check(context: StepContext): Promise<GateResult> {
  const { promotion, settings } = context;
  if (promotion.kind === 'rollback') {
    return {
      id: 'evaluation',
      status: 'skipped',
      summary: 'Not asked of a rollback: the version ran here before.',
    };
  }
  const running = await context.running();
  if (!running) {
    const own = describeEvaluations(
      await context.evaluations(promotion.version),
      promotion.environment,
    );
    const { outcome, ...found } = own;
    return { id: 'evaluation', status: STATUS[outcome], ...found };
  }
  const chosen = chooseEvaluations(
    await context.evaluations(running.version),
    await context.evaluations(promotion.version),
  );
  const { outcome, summary, evidence } = compareEvaluations({
    base: { version: running.version, evaluation: chosen.base },
    candidate: { version: promotion.version, evaluation: chosen.candidate },
    marginShare: settings.evaluationMargin,
  });
  const { external } = await context.candidate();
  const isUnasked = outcome === 'cannot-tell' && answersChats(external);
  return {
    id: 'evaluation',
    status: STATUS[outcome],
    summary: isUnasked
      ? `${summary} Or name prompts in the manifest, under spec.evaluation: then both are asked them.`
      : summary,
    evidence,
  };
}
