import { openTestPromotion } from './__testUtils__/openTestPromotion';
import type { PromotionRecord } from './promotion';
import { answerReview, isReviewWanted } from './reviewAnswer';

const AT = '2026-05-03T12:00:00.000Z';
const GRACE = 'user:default/grace';
const SUBJECT = 'promote(digits): v2 -> production';

const promotion = (changes: Partial<PromotionRecord>): PromotionRecord => ({
  ...openTestPromotion(AT),
  checkedHead: 'head',
  ...changes,
});
const approved = (comment: string): Partial<PromotionRecord> => ({
  state: { phase: 'merging', approvedBy: GRACE },
  reviews: [
    { reviewer: GRACE, verdict: 'approved', comment, at: AT, head: 'head' },
  ],
});
const closed = (closedBy: string): PromotionRecord['state'] => ({
  phase: 'closed',
  closedBy,
  closedAt: AT,
  reason: 'Not now',
});

describe('answerReview', () => {
  it.each([
    ['approved', approved('Fine'), 'Approved by Grace, nothing to do', 'Fine'],
    [
      'approved without words',
      approved(''),
      'Approved by Grace, nothing to do',
      'It is merged and rolled out by itself.',
    ],
    [
      'merged by hand',
      { state: { phase: 'merging' } },
      'Merged without a review, nothing to do',
      'Its change request was merged outside of the portal.',
    ],
    [
      'refused',
      {
        state: closed(GRACE),
        reviews: [
          { reviewer: GRACE, verdict: 'rejected', comment: 'Not now', at: AT },
        ],
      },
      'Refused by Grace, nothing to do',
      'Not now',
    ],
    [
      'closed by somebody',
      { state: closed(GRACE) },
      'Closed by Grace, nothing to do',
      'Not now',
    ],
    [
      'closed by itself',
      { state: closed('service:greenroom') },
      'Closed, nothing to do',
      'Not now',
    ],
    [
      'blocked',
      { state: { phase: 'blocked', failedGates: ['evaluation'] } },
      'No review needed now',
      'It does not pass its gates any more. You are asked again when it does.',
    ],
    [
      'failed',
      { state: { phase: 'failed', step: 'create-branch', error: 'No disk' } },
      'Stopped, no review needed now',
      'No disk',
    ],
  ] as [string, Partial<PromotionRecord>, string, string][])(
    'of a promotion that was %s',
    (_what, changes, title, description) => {
      const record = promotion(changes);
      expect(isReviewWanted(record)).toBe(false);
      const answer = answerReview(record);
      expect([answer.title('Grace'), answer.description]).toEqual([
        `${title}: ${SUBJECT}`,
        description,
      ]);
    },
  );

  it('is not given while a review is wanted, or may be in a moment', () => {
    expect(isReviewWanted(promotion({}))).toBe(true);
    const waiting = promotion({ state: { phase: 'awaiting-review' } });
    expect(isReviewWanted(waiting)).toBe(true);
  });
});
