import { titleOf } from '../promotion';
import { describePromotion } from '../report';
import { changeRequestOf } from './changeRequestOf';
import type { PromotionStep } from './PromotionStep';

/** Writes the evidence into the change request's description, over what was there. */
export const publishReport: PromotionStep = {
  name: 'publish-report',
  async run(context) {
    const { promotion, gitHost } = context;
    const { number } = await changeRequestOf(context);
    const diff = await gitHost.diffOfChangeRequest(number);
    await gitHost.updateChangeRequest(number, {
      title: titleOf(promotion),
      body: describePromotion(promotion, diff),
    });
    return { outcome: 'done' };
  },
};
