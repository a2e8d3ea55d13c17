import { isGreen, mayMerge } from '../promotion';
import type { PromotionStep } from './PromotionStep';

/** Goes on when all gates are green and enough people have approved. */
export const awaitReview: PromotionStep = {
  name: 'await-review',
  async run(context) {
    const { promotion } = context;
    if (mayMerge(promotion)) return { outcome: 'done' };
    if (isGreen(promotion) && promotion.reviews.length === 0) {
      await context.askForReview();
    }
    return { outcome: 'waiting' };
  },
};
