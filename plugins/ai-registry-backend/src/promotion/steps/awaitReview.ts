import { failedGates, mayMerge, type PromotionRecord } from '../promotion';
import { withGates } from '../transitions';
import type { PromotionStep, StepContext } from './PromotionStep';

/** Goes on when all gates are green and enough people have approved. */
export const awaitReview: PromotionStep = {
  name: 'await-review',
  async run(context) {
    const gates = await context.recheckGates();
    const at = context.now().toISOString();
    const promotion = withGates(context.promotion, gates, at);
    if (mayMerge(promotion)) return { outcome: 'done', changes: { gates } };
    if (failedGates(promotion).length > 0) return { outcome: 'waiting', gates };
    const asked = {
      gates,
      reviewAsked: await askForReview(context, promotion),
    };
    const waiting = promotion.gates.filter(
      ({ status }) => status === 'waiting',
    );
    return waiting.length === 0
      ? { outcome: 'waiting', ...asked }
      : {
          outcome: 'under-way',
          waitingFor: waiting.map(({ summary }) => summary).join(' '),
          until: earliest(waiting.map(({ until }) => until)),
          ...asked,
        };
  },
};

/** Who was asked, now or before; time that has to pass is no reason not to look at it. */
async function askForReview(
  context: StepContext,
  { reviewAsked, checkedHead: head }: PromotionRecord,
): Promise<PromotionRecord['reviewAsked']> {
  if (reviewAsked && reviewAsked.head === head) return undefined;
  const of = await context.askForReview();
  return of && { of, head };
}

/** Undefined where one of them does not know: then it is asked now and then. */
function earliest(times: (string | undefined)[]): string | undefined {
  const known = times.filter(time => time !== undefined);
  return known.length === times.length ? known.sort()[0] : undefined;
}
