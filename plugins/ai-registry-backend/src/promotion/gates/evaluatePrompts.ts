import type { PromotionGate } from './PromotionGate';
import { findPromptPlan } from './promptEvaluation';

/** Has the version and the running one asked the prompts that the manifest names, and waits for it. */
export const evaluatePrompts: NonNullable<PromotionGate['prepare']> = {
  name: 'evaluate-prompts',
  title: 'Ask the prompts',
  async run(context) {
    const plan = await findPromptPlan(context);
    if ('none' in plan) return { outcome: 'done', skippedBecause: plan.none };
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
