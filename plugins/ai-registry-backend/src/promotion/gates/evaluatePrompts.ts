import {
  findMeasurementPlan,
  findPlannedMeasurements,
} from './measuredEvaluation';
import type { PromotionGate } from './PromotionGate';
import { findPromptPlan } from './promptEvaluation';
import type { StepContext, StepResult } from '../steps/PromotionStep';

/** Has the version and the running one asked the prompts, or measured on the rows, that the manifest names, and waits for it. */
export const evaluatePrompts: NonNullable<PromotionGate['prepare']> = {
  name: 'evaluate-prompts',
  title: 'Evaluate the versions',
  async run(context) {
    const plan = await findPromptPlan(context);
    if ('none' in plan) {
      return (
        (await measureVersions(context)) ?? {
          outcome: 'done',
          skippedBecause: plan.none,
        }
      );
    }
    const failed = context.promotion.gates.find(
      ({ status }) => status === 'failed',
    );
    if (failed) {
      // Each prompt costs money, and nothing is promoted like this.
      return {
        outcome: 'done',
        skippedBecause: `Not asked: the gate '${failed.title}' failed.`,
      };
    }
    const { candidate, running, evaluation } = plan;
    const waits: string[] = [];
    const unasked = new Set<string>();
    let isAsked = false;
    for (const { version } of [candidate, ...(running ? [running] : [])]) {
      const run = await context.promptRun(version, evaluation, { start: true });
      if (run.state === 'under-way') waits.push(run.waitingFor);
      if (run.state === 'impossible' && run.run === undefined) {
        unasked.add(run.reason.replace(/\.$/, ''));
      } else {
        isAsked = true;
      }
    }
    if (!isAsked) {
      return {
        outcome: 'done',
        skippedBecause: `Not asked: ${[...unasked].join('. ')}.`,
      };
    }
    return waits.length > 0
      ? { outcome: 'under-way', waitingFor: waits.join(' ') }
      : { outcome: 'done' };
  },
};

/** Undefined where the manifest names no rows. */
async function measureVersions(
  context: StepContext,
): Promise<StepResult | undefined> {
  const plan = await findMeasurementPlan(context);
  if (!plan) return undefined;
  const failed = context.promotion.gates.find(
    ({ status }) => status === 'failed',
  );
  if (failed) {
    return {
      outcome: 'done',
      skippedBecause: `Not measured: the gate '${failed.title}' failed.`,
    };
  }
  const found = await findPlannedMeasurements(context, plan, { start: true });
  const waits = [found.candidate, found.running].flatMap(one =>
    one?.state === 'under-way' ? [one.waitingFor] : [],
  );
  return waits.length > 0
    ? { outcome: 'under-way', waitingFor: waits.join(' ') }
    : { outcome: 'done' };
}
