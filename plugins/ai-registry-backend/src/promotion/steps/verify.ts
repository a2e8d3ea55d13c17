import { toError } from '@backstage/errors';
import type { Verification } from '@greenroom/plugin-ai-registry-common';
import type { PromotionStep, StepContext, StepResult } from './PromotionStep';

/** So long a check may be away, or have nothing to say yet; then the version has not proven itself. */
const MOST_WAIT_MILLIS = 60 * 60_000;

type Check = Verification['checks'][number];

/** Asks once a version serves whether it does what it should: what does not, goes no further. */
export const verify: PromotionStep = {
  name: 'verify',
  async run(context) {
    const { outcome } = context.promotion;
    if (outcome?.kind !== 'serving') {
      return {
        outcome: 'done',
        skippedBecause: 'Not asked: the version does not serve.',
      };
    }
    const checks: Check[] = [];
    for (const id of context.environment()?.verification ?? []) {
      const found = await ask(context, id);
      if ('outcome' in found) return found;
      checks.push(found);
    }
    const failed = checks.filter(({ status }) => status === 'failed');
    const verification: Verification = {
      status: failed.length > 0 ? 'failed' : 'passed',
      checks,
    };
    const note =
      failed.length > 0
        ? `${outcome.note} It goes no further: ${failed
            .map(({ title, summary }) => `${title}: ${summary}`)
            .join(' ')}`
        : outcome.note;
    return {
      outcome: 'done',
      changes: { outcome: { ...outcome, note, verification } },
    };
  },
};

async function ask(
  context: StepContext,
  id: string,
): Promise<Check | Extract<StepResult, { outcome: 'under-way' }>> {
  const { steps } = context.promotion;
  const { startedAt } = steps.find(({ name }) => name === 'verify') ?? {};
  const isLate =
    context.now().getTime() - Date.parse(startedAt ?? '') > MOST_WAIT_MILLIS;
  const wait = (title: string, why: string) =>
    isLate
      ? ({ id, title, status: 'failed', summary: why } as const)
      : ({ outcome: 'under-way', waitingFor: `${title}: ${why}` } as const);
  try {
    const asked = await context.verify(id);
    if (!asked) {
      return {
        id,
        title: id,
        status: 'failed',
        summary: 'There is no such gate any more.',
      };
    }
    const { title, finding } = asked;
    switch (finding.status) {
      case 'under-way':
        return wait(title, finding.waitingFor);
      case 'not-asked':
        return { id, title, status: 'passed', summary: finding.because };
      case 'passed':
      case 'skipped':
        return { id, title, status: 'passed', summary: finding.summary };
      default:
        return { id, title, status: 'failed', summary: finding.summary };
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return wait(id, `It could not be asked: ${toError(error).message}`);
  }
}
