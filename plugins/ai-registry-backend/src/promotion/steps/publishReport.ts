import { labelsOf, titleOf } from '../promotion';
import { describePromotion } from '../report';
import { withReport } from '../adoption/withReport';
import { changeFactsOf } from './changeFactsOf';
import { changeRequestOf } from './changeRequestOf';
import type { PromotionStep } from './PromotionStep';

/** Writes the evidence into the change request's description, over what was there. */
export const publishReport: PromotionStep = {
  name: 'publish-report',
  async run(context) {
    const { promotion, gitHost } = context;
    const { number, body } = await changeRequestOf(context);
    const diff = await gitHost.diffOfChangeRequest(number);
    const report = describePromotion(promotion, {
      ...(await changeFactsOf(context)),
      diff,
    });
    await gitHost.updateChangeRequest(number, {
      labels: labelsOf(promotion),
      ...(promotion.branch === undefined
        ? { title: titleOf(promotion), body: report }
        : { body: withReport(body, report) }),
    });
    return { outcome: 'done' };
  },
};
