import type { PromotionObjection } from '@greenroom/plugin-ai-registry-common';
import { approvalsOf, mayReview, type PromotionRecord } from '../promotion';
import { approve } from '../transitions';

/** What people said of a change request on the Git host, with who they are in the catalog. */
export interface HostReviews {
  approvals: {
    /** Entity ref of the user; undefined where nobody is known by the account. */
    actor?: string;
    /** As the Git host calls them. */
    name: string;
    head: string;
    /** What they belong to, themselves included. */
    memberships: string[];
  }[];
  objections: { actor?: string; name: string; text: string; at: string }[];
}

/**
 * Takes over what people say on the Git host: approvals that count, those that were withdrawn, and
 * objections.
 *
 * @returns the promotion, changed; undefined where nothing is new
 */
export function reconcileReviews(
  promotion: PromotionRecord,
  said: HostReviews,
  options: {
    /** Of whose members approvals count. */
    groups: string[];
    contributors: string[];
    at: string;
  },
): PromotionRecord | undefined {
  const { groups, contributors, at } = options;
  const { checkedHead } = promotion;
  const current = said.approvals.filter(({ head }) => head === checkedHead);
  const given = new Set(current.map(({ actor }) => actor));
  const reviews = promotion.reviews.filter(
    review =>
      review.via !== 'git-host' ||
      review.head !== checkedHead ||
      given.has(review.reviewer),
  );
  let next: PromotionRecord = {
    ...promotion,
    reviews:
      reviews.length === promotion.reviews.length ? promotion.reviews : reviews,
    objections: objectionsOf(said, promotion),
  };
  const uncounted: string[] = [];
  for (const { actor, name, memberships } of current) {
    if (actor === undefined) {
      uncounted.push(
        `${name} approved it, whom the catalog does not know: that counts for nobody.`,
      );
      continue;
    }
    if (approvalsOf(next).some(({ reviewer }) => reviewer === actor)) continue;
    const decision = mayReview(next, {
      reviewer: actor,
      contributors,
      approvers: { groups, memberships },
    });
    if (decision.allowed) {
      const approval = { reviewer: actor, comment: '', head: checkedHead! };
      next = approve(next, { ...approval, via: 'git-host' }, at);
    } else if (decision.because === 'never') {
      uncounted.push(
        `${actor} approved it, which does not count: ${decision.reason}`,
      );
    }
  }
  next = { ...next, uncounted };
  return isSame(promotion, next) ? undefined : next;
}

function objectionsOf(
  { objections }: HostReviews,
  { objections: before = [] }: PromotionRecord,
): PromotionObjection[] {
  const next = objections.map(({ actor, name, text, at }) => ({
    by: actor ?? name,
    isKnown: actor !== undefined,
    text: text.slice(0, 5_000),
    at,
  }));
  return JSON.stringify(next) === JSON.stringify(before) ? before : next;
}

function isSame(before: PromotionRecord, after: PromotionRecord): boolean {
  return (
    before.reviews === after.reviews &&
    JSON.stringify(before.objections ?? []) ===
      JSON.stringify(after.objections ?? []) &&
    JSON.stringify(before.uncounted ?? []) === JSON.stringify(after.uncounted)
  );
}
