import { LABEL_CHARACTERS } from '../environments/GitHost';
import type {
  Gate,
  GateOverride,
  Promotion,
  PromotionOutcome,
  PromotionPhase,
  PromotionPlan,
  PromotionStep,
  Review,
} from '@greenroom/plugin-ai-registry-common';

/** Steps that every promotion takes, whatever gates there are. */
export type FrameStepName =
  | 'create-branch'
  | 'open-change-request'
  | 'publish-report'
  | 'await-review'
  | 'merge-change-request'
  | 'apply-environment'
  | 'await-rollout'
  | 'verify';

/** Steps that ask gates, or get what gates look at. */
export type GateStepName =
  | `check-${string}`
  | 'verify-artifact-digest'
  | 'try-to-load'
  | 'evaluate-prompts'
  | 'compare-evaluation'
  | 'compare-cost';

export type StepName = FrameStepName | GateStepName;

/** A step as it was written down when the promotion was opened: it goes through these, in this order. */
export type RecordedStep<Name extends string = StepName> = Omit<
  PromotionStep,
  'name'
> & { name: Name };

/** The first gate, which says what revision all of them look at. */
export const FIRST_GATE_STEP = 'verify-artifact-digest';

/** A promotion with what only the backend needs to know. */
export interface PromotionRecord
  extends Omit<Promotion, 'overrides' | 'reviews' | 'steps'>,
    /** As it was asked for; what it leaves out stays as main has it. */
    PromotionPlan {
  /** As the manifest on the branch says, once it was looked at. */
  planned?: PromotionPlan;
  /** What the new manifest names as the way back; for a rollback, found when it was asked for. */
  rollbackTo?: { version: number; digest: string };
  requiredApprovals: number;
  /** Of a change request that somebody opened on the Git host; undefined for one that is made here. */
  branch?: string;
  steps: RecordedStep[];
  reviews: (Review & { head?: string })[];
  /** Undefined in those from before there were any. */
  overrides?: (Omit<GateOverride, 'isInForce'> & { head: string })[];
  /** Who was asked for a review and not told since that none is needed any more. */
  reviewAsked?: {
    /** Entity refs of users and groups. */
    of: string[];
    /** What they were asked to look at. */
    head?: string;
  };
  /** Revision of the branch that the gates looked at. */
  checkedHead?: string;
  /** Names of those who wrote it or asked for it, and whom the catalog does not know: reviewers may be among them. */
  strangers?: string[];
  mergeCommit?: string;
  /** What of the rollout was written below the change request. */
  told?: {
    /** How many comments. */
    count: number;
    /** The last one, and when what it tells happened; ISO 8601. */
    text: string;
    at: string;
  };
  /** How the rollout ended. */
  outcome?: PromotionOutcome;
  /** Grows with each change. */
  revision: number;
}

export type ReviewDecision =
  | { allowed: true }
  /** `never`: this person may not; `not-now`: nobody may at the moment. */
  | { allowed: false; reason: string; because: 'never' | 'not-now' };

/** What will happen, as far as it is known. */
export function planOfPromotion(promotion: PromotionRecord): PromotionPlan {
  const { rollout, analysis, outcomes } = promotion.planned ?? promotion;
  return { rollout, analysis, outcomes };
}

/** Name of the branch that carries the promotion. */
export function branchOf(promotion: PromotionRecord): string {
  if (promotion.branch !== undefined) return promotion.branch;
  const { kind, model, version, environment } = promotion;
  const folder = kind === 'rollback' ? 'rollback' : 'promote';
  return `${folder}/${model}/v${version}-${environment}`;
}

export function titleOf(promotion: PromotionRecord): string {
  const { kind, model, version, environment } = promotion;
  const verb = kind === 'rollback' ? 'rollback' : 'promote';
  return `${verb}(${model}): v${version} -> ${environment}`;
}

/** What its change request is found by on the Git host. */
export function labelsOf(promotion: PromotionRecord): string[] {
  const { kind, model, environment } = promotion;
  return [kind, `environment: ${environment}`, `model: ${model}`].filter(
    label => label.length <= LABEL_CHARACTERS,
  );
}

/** Phases in which nothing happens any more by itself. */
export const ENDED_PHASES = ['completed', 'closed', 'failed'] as const;

/** Phases in which the change is on main, or never will be. */
export const DECIDED_PHASES = ['rolling-out', ...ENDED_PHASES] as const;

/** Whether its change request still waits for something: neither merged, closed nor failed. */
export function isOpen(promotion: Pick<Promotion, 'state'>): boolean {
  return !isOneOf(DECIDED_PHASES, promotion.state.phase);
}

/** Whether the Git host does not merge it yet, and has said why: that may last, and somebody may have changed their mind. */
export function isHeldAtMerge({ state, steps }: PromotionRecord): boolean {
  const merge = steps.find(({ name }) => name === 'merge-change-request');
  return state.phase === 'merging' && merge?.waitingFor !== undefined;
}

function isOneOf(phases: readonly PromotionPhase[], phase: PromotionPhase) {
  return phases.includes(phase);
}

/** The step to take now; undefined when the promotion has ended. */
export function nextStep(promotion: PromotionRecord): StepName | undefined {
  if (isOneOf(ENDED_PHASES, promotion.state.phase)) return undefined;
  return promotion.steps.find(({ status }) => status !== 'done')?.name;
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

/**
 * How many are missing. Strangers who wrote it may have approved it in the portal, where they have
 * another name: as many approvals from there as there are strangers do not count. On the Git host
 * they would have the name that they wrote it under.
 */
export function approvalsLeft(promotion: PromotionRecord): number {
  const { requiredApprovals, strangers = [] } = promotion;
  const approvals = approvalsOf(promotion);
  const onGitHost = approvals.filter(({ via }) => via === 'git-host').length;
  const ofOthers = Math.max(0, approvals.length - onGitHost - strangers.length);
  return Math.max(0, requiredApprovals - onGitHost - ofOthers);
}

export function isApproved(promotion: PromotionRecord): boolean {
  return approvalsLeft(promotion) === 0;
}

/** How a gate stands that holds nothing up, or that reviewers decide about. */
const GREEN: ReadonlySet<Gate['status']> = new Set([
  'passed',
  'skipped',
  'undecided',
  'warned',
]);

/** Whether no gate stands against the promotion, or holds it up. */
export function isGreen(promotion: PromotionRecord): boolean {
  const overridden = overriddenGates(promotion);
  return promotion.gates.every(
    ({ id, status }) => GREEN.has(status) || overridden.has(id),
  );
}

/** Gates that found something against it, and that nobody has overridden. */
export function failedGates(promotion: PromotionRecord): Gate[] {
  const overridden = overriddenGates(promotion);
  return promotion.gates.filter(
    ({ id, status }) => status === 'failed' && !overridden.has(id),
  );
}

/** Overrides of exactly what the gates looked at. */
export function overridesOf({
  overrides = [],
  checkedHead,
}: PromotionRecord): NonNullable<PromotionRecord['overrides']> {
  return overrides.filter(
    ({ head }) => checkedHead !== undefined && head === checkedHead,
  );
}

function overriddenGates(promotion: PromotionRecord): Set<Gate['id']> {
  return new Set(overridesOf(promotion).map(({ gate }) => gate));
}

/** Gates that can be overridden as things stand. */
export function overridableGates(promotion: PromotionRecord): Gate[] {
  const overridden = overriddenGates(promotion);
  return promotion.gates.filter(
    ({ id, status }) =>
      (status === 'failed' || status === 'waiting') && !overridden.has(id),
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

/** Objections that hold the merge: anybody may have an account, only people of the catalog have a say. */
export function heldBy({ objections = [] }: PromotionRecord) {
  return objections.filter(({ isKnown }) => isKnown);
}

/** Nothing is merged unless all gates are green or decided, and enough people said yes to exactly that. */
export function mayMerge(promotion: PromotionRecord): boolean {
  return (
    isGreen(promotion) &&
    isApproved(promotion) &&
    heldBy(promotion).length === 0 &&
    openQuestions(promotion).length === 0
  );
}

/** Whether a person may override gates of the promotion now. */
export function mayOverride(
  promotion: PromotionRecord,
  options: {
    by: string;
    /** Entity refs of everybody who changed the branch. */
    contributors: string[];
  },
): ReviewDecision {
  const { by, contributors } = options;
  const never = (reason: string): ReviewDecision => ({
    allowed: false,
    reason,
    because: 'never',
  });
  if (!by.startsWith('user:')) {
    return never('Only a person can override a gate: sign in as one.');
  }
  if (by === promotion.requestedBy) {
    return never(
      'You asked for this promotion yourself: a second person has to override its gates.',
    );
  }
  if (contributors.includes(by)) {
    return never(
      'You changed the branch of this promotion: somebody who did not has to override its gates.',
    );
  }
  const [stranger] = promotion.strangers ?? [];
  if (stranger !== undefined) {
    return never(
      `${stranger} changed the branch, whom the catalog does not know: that may be you. Have the catalog know them, then run the gates again; or ask for the promotion in the portal.`,
    );
  }
  const { phase } = promotion.state;
  return phase === 'blocked' || phase === 'awaiting-review'
    ? { allowed: true }
    : {
        allowed: false,
        because: 'not-now',
        reason:
          phase === 'checking'
            ? 'Its checks are still running: wait until they are done.'
            : `It is ${phase} already.`,
      };
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
