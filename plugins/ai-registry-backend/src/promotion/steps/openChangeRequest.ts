import { branchOf, titleOf } from '../promotion';
import { describePromotion } from '../report';
import type { PromotionStep } from './PromotionStep';

/** Opens the change request, or goes on with the one that the branch has. */
export const openChangeRequest: PromotionStep = {
  name: 'open-change-request',
  async run({ promotion, gitHost, pages, people }) {
    const title = titleOf(promotion);
    const request = await gitHost.openChangeRequest({
      branch: branchOf(promotion),
      title,
      body: describePromotion(promotion),
      author: await people.personOf(promotion.requestedBy),
    });
    return {
      outcome: 'done',
      changes: {
        changeRequest: {
          number: request.number,
          title,
          url: request.url ?? pages.promotion(promotion.id),
          branch: request.branch,
        },
      },
    };
  },
};
