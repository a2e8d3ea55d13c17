import type { ChangeRequest } from '../../environments/GitHost';
import { branchOf, labelsOf, titleOf } from '../promotion';
import { describePromotion } from '../report';
import { changeFactsOf } from './changeFactsOf';
import type { PromotionStep } from './PromotionStep';

/** Opens the change request, or goes on with the one that the branch has. */
export const openChangeRequest: PromotionStep = {
  name: 'open-change-request',
  async run(context) {
    const { promotion, gitHost, pages, people } = context;
    // Somebody opened it on the Git host, and says there what it is about.
    if (promotion.branch !== undefined) return { outcome: 'done' };
    const title = titleOf(promotion);
    const branch = branchOf(promotion);
    const body = describePromotion(promotion, await changeFactsOf(context));
    const author = await people.personOf(promotion.requestedBy);
    let request: ChangeRequest;
    try {
      request = await gitHost.openChangeRequest({
        branch,
        title,
        body,
        author,
      });
    } catch (error) {
      if (await gitHost.getBranch(branch)) throw error;
      // Somebody removed it, or an earlier promotion of the same name was tidied up.
      return { outcome: 'start-over', from: 'create-branch' };
    }
    const labels = labelsOf(promotion);
    await gitHost.updateChangeRequest(request.number, { labels });
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
