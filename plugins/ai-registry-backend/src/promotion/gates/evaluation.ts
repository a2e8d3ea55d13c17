import { compareRuns } from '../../evaluationRuns/compareRuns';
import { answersChats } from '../../evaluationRuns/evaluationRun';
import { manifestPath } from '@greenroom/manifest';
import { chooseEvaluations, type MeasuredMode } from '../chooseEvaluations';
import { compareEvaluations } from '../compareEvaluations';
import { describeEvaluations } from '../describeEvaluations';
import type { StepContext } from '../steps/PromotionStep';
import { evaluatePrompts } from './evaluatePrompts';
import {
  findMeasurementPlan,
  findPlannedMeasurements,
  type MeasurementPlan,
} from './measuredEvaluation';
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
  /** Which of the evaluations count that were measured here, and that are what somebody claims. */
  measured: MeasuredMode;
}

const DAY_MILLIS = 24 * 60 * 60 * 1_000;

export function readEvaluationSettings(config: GateConfig): EvaluationSettings {
  return {
    marginShare: config.number('margin', { default: 0.01, between: [0, 1] }),
    maxAgeMillis:
      config.number('maxAgeDays', { default: 7, between: [0, 365] }) *
      DAY_MILLIS,
    measured: config.oneOf('measured', {
      default: 'preferred',
      values: ['required', 'preferred', 'off'],
    }),
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
    const { marginShare, measured } = readEvaluationSettings(config);
    return {
      async check(context) {
        const prompts = await findPromptPlan(context);
        if (!('none' in prompts)) {
          return comparePrompts(context, prompts, marginShare);
        }
        const plan = await findMeasurementPlan(context);
        return plan
          ? compareMeasured(context, plan, marginShare)
          : compareStored(context, { marginShare, measured });
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

/** By how versions were measured on the rows that the manifest names. */
async function compareMeasured(
  context: StepContext,
  plan: MeasurementPlan,
  marginShare: number,
): Promise<GateFinding> {
  const { promotion } = context;
  const { candidate, running } = await findPlannedMeasurements(context, plan, {
    start: false,
  });
  if (candidate.state !== 'done' || (running && running.state !== 'done')) {
    const reasons = new Set(
      [candidate, running].flatMap(one =>
        one === undefined || one.state === 'done' ? [] : [explain(one)],
      ),
    );
    return {
      status: 'undecided',
      summary: `${[...reasons].join(
        '. ',
      )}. Mend that (what is measured stands in ${manifestPath(
        promotion,
      )}, under spec.evaluation), then run the gates again; or a reviewer decides.`,
      evidence: { kind: 'evaluation' },
    };
  }
  if (!running || plan.running === undefined) {
    const { outcome, ...found } = describeEvaluations(
      [candidate.evaluation],
      promotion.environment,
    );
    return { status: STATUS[outcome], ...found };
  }
  const { outcome, summary, evidence } = compareEvaluations({
    base: { version: plan.running, evaluation: running.evaluation },
    candidate: {
      version: promotion.version,
      evaluation: candidate.evaluation,
    },
    marginShare: plan.maxLossShare ?? marginShare,
  });
  return { status: STATUS[outcome], summary, evidence };
}

/** By the evaluations that were registered, or measured when somebody asked for it. */
async function compareStored(
  context: StepContext,
  {
    marginShare,
    measured,
  }: Pick<EvaluationSettings, 'marginShare' | 'measured'>,
): Promise<GateFinding> {
  const { promotion } = context;
  const running = await context.running();
  const own = await context.evaluations(promotion.version);
  const theirs = running && (await context.evaluations(running.version));
  const unmeasured = [
    { version: promotion.version, evaluations: own },
    ...(running && theirs
      ? [{ version: running.version, evaluations: theirs }]
      : []),
  ].filter(({ evaluations }) => !evaluations.some(one => one.measured));
  if (measured === 'required' && unmeasured.length > 0) {
    const versions = unmeasured.map(({ version }) => version).join(' and ');
    return {
      status: 'undecided',
      summary: `What is known of version ${versions} is what somebody claims, and only what was measured here counts: measure ${
        unmeasured.length > 1 ? 'both' : 'it'
      } on the same rows, from the version's page, by greenroom versions measure or by spec.evaluation of the manifest; or a reviewer decides.`,
      evidence: { kind: 'evaluation' },
    };
  }
  if (!running || !theirs) {
    const { outcome, ...found } = describeEvaluations(
      measured === 'required' ? own.filter(one => one.measured) : own,
      promotion.environment,
    );
    return { status: STATUS[outcome], ...found };
  }
  const chosen = chooseEvaluations(theirs, own, measured);
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
