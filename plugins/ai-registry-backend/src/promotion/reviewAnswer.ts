import { approvalsOf, type PromotionRecord, titleOf } from './promotion';

/** What became of a request for a review, for those who were asked. */
export interface ReviewAnswer {
  /** Entity ref of the person who decided; undefined when it was nobody. */
  by?: string;
  /** @param name - of that person */
  title(name: string): string;
  description: string;
}

/** Whether people are asked for a review, as things stand, or may be asked again in a moment. */
export function isReviewWanted({ state }: PromotionRecord): boolean {
  return state.phase === 'awaiting-review' || state.phase === 'checking';
}

/** Tells those who were asked for a review that none is needed any more, and why. */
export function answerReview(promotion: PromotionRecord): ReviewAnswer {
  const { state, reviews } = promotion;
  const subject = titleOf(promotion);
  const without = (words: string, description: string): ReviewAnswer => ({
    title: () => `${words}: ${subject}`,
    description,
  });
  switch (state.phase) {
    case 'closed': {
      const isRefused = reviews.some(
        ({ verdict, reviewer }) =>
          verdict === 'rejected' && reviewer === state.closedBy,
      );
      return state.closedBy.startsWith('user:')
        ? {
            by: state.closedBy,
            title: name =>
              `${
                isRefused ? 'Refused' : 'Closed'
              } by ${name}, nothing to do: ${subject}`,
            description: state.reason,
          }
        : without('Closed, nothing to do', state.reason);
    }
    case 'blocked':
      return without(
        'No review needed now',
        'It does not pass its gates any more. You are asked again when it does.',
      );
    case 'failed':
      return without('Stopped, no review needed now', state.error);
    default: {
      const approval = approvalsOf(promotion).at(-1);
      return approval
        ? {
            by: approval.reviewer,
            title: name => `Approved by ${name}, nothing to do: ${subject}`,
            description:
              approval.comment || 'It is merged and rolled out by itself.',
          }
        : without(
            'Merged without a review, nothing to do',
            'Its change request was merged outside of the portal.',
          );
    }
  }
}
