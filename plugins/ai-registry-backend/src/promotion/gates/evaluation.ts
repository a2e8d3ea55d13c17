import { compareRuns } from '../../evaluationRuns/compareRuns';
import { answersChats } from '../../evaluationRuns/evaluationRun';
import { manifestPath } from '@greenroom/manifest';
import { chooseEvaluations } from '../chooseEvaluations';
import { compareEvaluations } from '../compareEvaluations';
import { describeEvaluations } from '../describeEvaluations';
import type { StepContext } from '../steps/PromotionStep';
import { evaluatePrompts } from './evaluatePrompts';
import type { GateConfig } from './GateConfig';
import type { GateFinding, PromotionGate } from './PromotionGate';
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

/** Settings of the gate. */
export interface EvaluationSettings {
  /** Share of the running version's metric that may be lost, from 0 to 1. */
  marginShare: number;
  /** Answers to prompts that are older are asked for anew. */
  maxAgeMillis: number;
}

const DAY_MILLIS = 24 * 60 * 60 * 1_000;

export function readEvaluationSettings(config: GateConfig): EvaluationSettings {
  return {
    marginShare: config.number('margin', { default: 0.01, between: [0, 1] }),
    maxAgeMillis:
      config.number('maxAgeDays', { default: 7, between: [0, 365] }) *
      DAY_MILLIS,
  };
}

/** The version must not be worse than the running one by more than the margin. */
export const evaluation: PromotionGate = {
  id: 'evaluation',
  title: 'Evaluation is not worse',
  step: { name: 'compare-evaluation', title: 'Compare evaluations' },
  prepare: evaluatePrompts,
  when: 'once',
  defaultMode: 'required',
  // The version ran there before.
  ofRollback: 'off',
  configure(config) {
    const { marginShare } = readEvaluationSettings(config);
    return {
      async check(context) {
        const plan = await findPromptPlan(context);
        return 'none' in plan
          ? compareStored(context, marginShare)
          : comparePrompts(context, plan, marginShare);
      },
    };
  },
};

/** By how versions answered the prompts that the manifest names. */
async function comparePrompts(
  context: StepContext,
  plan: PromptPlan,
  marginShare: number,
): Promise<GateFinding> {
  const { candidate, running } = await findPlannedRuns(context, plan);
  // Both versions mostly have the same reason.
  const reasons = new Set(
    [candidate, running].flatMap(run =>
      run === undefined || run.state === 'done' ? [] : [explain(run)],
    ),
  );
  if (candidate.state !== 'done' || (running && running.state !== 'done')) {
    return {
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
    marginShare: plan.maxLossShare ?? marginShare,
  });
  return { status: STATUS[outcome], summary, evidence };
}

function explain(
  run:
    | { state: 'under-way'; waitingFor: string }
    | { state: 'impossible'; reason: string },
): string {
  const text = run.state === 'under-way' ? run.waitingFor : run.reason;
  return text.replace(/\.$/, '');
}

/** By the evaluations that were registered. */
async function compareStored(
  context: StepContext,
  marginShare: number,
): Promise<GateFinding> {
  const { promotion } = context;
  const running = await context.running();
  if (!running) {
    const own = describeEvaluations(
      await context.evaluations(promotion.version),
      promotion.environment,
    );
    const { outcome, ...found } = own;
    return { status: STATUS[outcome], ...found };
  }
  const chosen = chooseEvaluations(
    await context.evaluations(running.version),
    await context.evaluations(promotion.version),
  );
  const { outcome, summary, evidence } = compareEvaluations({
    base: { version: running.version, evaluation: chosen.base },
    candidate: { version: promotion.version, evaluation: chosen.candidate },
    marginShare,
  });
  const { external } = await context.candidate();
  const isUnasked = outcome === 'cannot-tell' && answersChats(external);
  return {
    status: STATUS[outcome],
    summary: isUnasked
      ? `${summary} Or name prompts in the manifest, under spec.evaluation: then both are asked them.`
      : summary,
    evidence,
  };
}
