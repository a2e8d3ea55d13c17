import { chooseEvaluations } from '../chooseEvaluations';
import { compareEvaluations } from '../compareEvaluations';
import type { GateResult } from '../transitions';
import type { PromotionStep, StepContext } from './PromotionStep';

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
    const gate = await check(context);
    return { outcome: 'done', changes: { gate } };
  },
};

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
    return {
      id: 'evaluation',
      status: 'passed',
      summary: `${promotion.environment} has no running version to be compared with.`,
      evidence: { kind: 'evaluation' },
    };
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
  return { id: 'evaluation', status: STATUS[outcome], summary, evidence };
}
