import { isGreen, mayMerge } from '../promotion';
import type { PromotionStep } from './PromotionStep';

/** Goes on when all gates are green and enough people have approved. */
export const awaitReview: PromotionStep = {
  name: 'await-review',
  async run(context) {
    const { promotion } = context;
    if (mayMerge(promotion)) return { outcome: 'done' };
    const { reviewAsked, checkedHead: head } = promotion;
    const isAsked = reviewAsked !== undefined && reviewAsked.head === head;
    if (!isGreen(promotion) || isAsked) return { outcome: 'waiting' };
    const of = await context.askForReview();
    return of === undefined
      ? { outcome: 'waiting' }
      : { outcome: 'waiting', reviewAsked: { of, head } };
  },
};
