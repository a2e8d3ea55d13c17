import type {
  Gate,
  Promotion,
  PromotionOutcome,
  PromotionPhase,
  Review,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';

/** The steps of a promotion, in order. */
export const STEP_NAMES = [
  'create-branch',
  'open-change-request',
  'verify-artifact-digest',
  'check-connection',
  'try-to-load',
  'check-signature',
  'evaluate-prompts',
  'compare-evaluation',
  'compare-cost',
  'publish-report',
  'await-review',
  'merge-change-request',
  'apply-environment',
  'await-rollout',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** A promotion with what only the backend needs to know. */
export interface PromotionRecord extends Omit<Promotion, 'reviews'> {
  rollout: RolloutPlan;
  /** What the new manifest names as the way back; for a rollback, found when it was asked for. */
  rollbackTo?: { version: number; digest: string };
  requiredApprovals: number;
  reviews: (Review & { head?: string })[];
  /** Who was asked for a review and not told since that none is needed any more. */
  reviewAsked?: {
    /** Entity refs of users and groups. */
    of: string[];
    /** What they were asked to look at. */
    head?: string;
  };
  /** Revision of the branch that the gates looked at. */
  checkedHead?: string;
  mergeCommit?: string;
  /** How the rollout ended. */
  outcome?: PromotionOutcome;
  /** Grows with each change. */
  revision: number;
}

export type ReviewDecision =
  | { allowed: true }
  /** `never`: this person may not; `not-now`: nobody may at the moment. */
  | { allowed: false; reason: string; because: 'never' | 'not-now' };

/** Name of the branch that carries the promotion. */
export function branchOf(promotion: PromotionRecord): string {
  const { kind, model, version, environment } = promotion;
  const folder = kind === 'rollback' ? 'rollback' : 'promote';
  return `${folder}/${model}/v${version}-${environment}`;
}

export function titleOf(promotion: PromotionRecord): string {
  const { kind, model, version, environment } = promotion;
  const verb = kind === 'rollback' ? 'rollback' : 'promote';
  return `${verb}(${model}): v${version} -> ${environment}`;
}

/** Phases in which nothing happens any more by itself. */
export const ENDED_PHASES = ['completed', 'closed', 'failed'] as const;

/** Phases in which the change is on main, or never will be. */
export const DECIDED_PHASES = ['rolling-out', ...ENDED_PHASES] as const;

/** Whether its change request still waits for something: neither merged, closed nor failed. */
export function isOpen(promotion: Pick<Promotion, 'state'>): boolean {
  return !isOneOf(DECIDED_PHASES, promotion.state.phase);
}

function isOneOf(phases: readonly PromotionPhase[], phase: PromotionPhase) {
  return phases.includes(phase);
}

/** The step to take now; undefined when the promotion has ended. */
export function nextStep(promotion: PromotionRecord): StepName | undefined {
  if (isOneOf(ENDED_PHASES, promotion.state.phase)) return undefined;
  return STEP_NAMES.find(
    (_, index) => promotion.steps[index].status !== 'done',
  );
}

/** Approvals of exactly what the gates looked at. */
export function approvalsOf(promotion: PromotionRecord): Review[] {
  return promotion.reviews.filter(
    review =>
      review.verdict === 'approved' &&
      promotion.checkedHead !== undefined &&
      review.head === promotion.checkedHead,
  );
}

export function isApproved(promotion: PromotionRecord): boolean {
  return approvalsOf(promotion).length >= promotion.requiredApprovals;
}

/** Whether no gate stands against the promotion. */
export function isGreen(promotion: PromotionRecord): boolean {
  return promotion.gates.every(
    ({ status }) =>
      status === 'passed' || status === 'skipped' || status === 'undecided',
  );
}

/** Gates that could not tell, and that nobody has let pass yet. */
export function openQuestions(promotion: PromotionRecord): Gate[] {
  const accepted = new Set(
    approvalsOf(promotion).flatMap(({ accepts = [] }) => accepts),
  );
  return promotion.gates.filter(
    ({ id, status }) => status === 'undecided' && !accepted.has(id),
  );
}

/** Nothing is merged unless all gates are green or decided, and enough people said yes to exactly that. */
export function mayMerge(promotion: PromotionRecord): boolean {
  return (
    isGreen(promotion) &&
    isApproved(promotion) &&
    openQuestions(promotion).length === 0
  );
}

/** Whether a person may approve the promotion now. */
export function mayReview(
  promotion: PromotionRecord,
  options: {
    reviewer: string;
    /** Entity refs of everybody who changed the branch. */
    contributors: string[];
    /** Groups of whose members approvals count, with what the reviewer belongs to; undefined where everybody's do. */
    approvers?: { groups: string[]; memberships: string[] };
  },
): ReviewDecision {
  const { reviewer, contributors, approvers } = options;
  const never = (reason: string): ReviewDecision => ({
    allowed: false,
    reason,
    because: 'never',
  });
  const notNow = (reason: string): ReviewDecision => ({
    allowed: false,
    reason,
    because: 'not-now',
  });
  if (!reviewer.startsWith('user:')) {
    return never('Only a person can approve a promotion: sign in as one.');
  }
  if (reviewer === promotion.requestedBy) {
    return never(
      'You asked for this promotion yourself: a second person has to approve it.',
    );
  }
  if (contributors.includes(reviewer)) {
    return never(
      'You changed the branch of this promotion: somebody who did not has to approve it.',
    );
  }
  if (
    approvers &&
    !approvers.groups.some(group => approvers.memberships.includes(group))
  ) {
    return never(
      `Only members of ${approvers.groups.join(
        ' or ',
      )} can approve what goes to ${promotion.environment}: ask one of them.`,
    );
  }
  if (approvalsOf(promotion).some(review => review.reviewer === reviewer)) {
    return notNow('You approved it already.');
  }
  switch (promotion.state.phase) {
    case 'awaiting-review':
      return { allowed: true };
    case 'checking':
      return notNow('Its checks are still running: wait until they are done.');
    case 'blocked':
      return notNow(
        `It does not pass its gates (${promotion.state.failedGates.join(
          ', ',
        )}): see why, then run them again or close it.`,
      );
    default:
      return notNow(`It is ${promotion.state.phase} already.`);
  }
}
