import type {
  Gate,
  GateEvidence,
  Promotion,
  PromotionState,
  PromotionStep,
  Review,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';

/** The steps of a promotion, in order. */
export const STEP_NAMES = [
  'create-branch',
  'open-change-request',
  'verify-artifact-digest',
  'check-signature',
  'compare-evaluation',
  'publish-report',
  'await-review',
  'merge-change-request',
  'apply-environment',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

const STEP_TITLES: Record<StepName, string> = {
  'create-branch': 'Create the branch',
  'open-change-request': 'Open the change request',
  'verify-artifact-digest': 'Verify the artifact',
  'check-signature': 'Compare signatures',
  'compare-evaluation': 'Compare evaluations',
  'publish-report': 'Publish the evidence',
  'await-review': 'Review by a second person',
  'merge-change-request': 'Merge',
  'apply-environment': 'Move the alias',
};

const GATE_OF_STEP: Partial<Record<StepName, Gate['id']>> = {
  'verify-artifact-digest': 'artifact-digest',
  'check-signature': 'signature-compatible',
  'compare-evaluation': 'evaluation',
};

const GATE_TITLES: Record<Gate['id'], string> = {
  'artifact-digest': 'Artifact is what was registered',
  'signature-compatible': 'Signature is compatible',
  evaluation: 'Evaluation is not worse',
};

/** A promotion with what only the backend needs to know. */
export interface PromotionRecord extends Omit<Promotion, 'reviews'> {
  rollout: RolloutPlan;
  /** What the new manifest names as the way back; for a rollback, found when it was asked for. */
  rollbackTo?: { version: number; digest: string };
  requiredApprovals: number;
  reviews: (Review & { head?: string })[];
  /** Revision of the branch that the gates looked at. */
  checkedHead?: string;
  mergeCommit?: string;
  /** Grows with each change. */
  revision: number;
}

/** What a step found out. */
export type StepChanges = Partial<
  Pick<
    PromotionRecord,
    'changeRequest' | 'fromVersion' | 'checkedHead' | 'mergeCommit'
  >
> & { gate?: GateResult };

export interface GateResult {
  id: Gate['id'];
  status: 'passed' | 'failed' | 'skipped';
  summary: string;
  evidence?: GateEvidence;
}

export type ReviewDecision =
  | { allowed: true }
  /** `never`: this person may not; `not-now`: nobody may at the moment. */
  | { allowed: false; reason: string; because: 'never' | 'not-now' };

export function openPromotion(
  request: Pick<
    PromotionRecord,
    | 'id'
    | 'kind'
    | 'model'
    | 'version'
    | 'fromVersion'
    | 'environment'
    | 'reason'
    | 'requestedBy'
    | 'rollout'
    | 'rollbackTo'
    | 'requiredApprovals'
  >,
  at: string,
): PromotionRecord {
  return {
    ...request,
    createdAt: at,
    updatedAt: at,
    state: { phase: 'checking' },
    steps: STEP_NAMES.map(newStep),
    gates: Object.values(GATE_OF_STEP).map(newGate),
    reviews: [],
    revision: 0,
  };
}

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

/** Page of the promotion in the portal. */
export function pageOf(promotion: { id: string }): string {
  return `/ai-registry/promotions/${promotion.id}`;
}

/** Neither merged, closed nor failed. */
export function isOpen(promotion: Pick<Promotion, 'state'>): boolean {
  const { phase } = promotion.state;
  return phase !== 'merged' && phase !== 'closed' && phase !== 'failed';
}

/** The step to take now; undefined when the promotion has ended. */
export function nextStep(promotion: PromotionRecord): StepName | undefined {
  if (!isOpen(promotion)) return undefined;
  return STEP_NAMES.find(
    (_, index) => promotion.steps[index].status !== 'done',
  );
}

export function startStep(
  promotion: PromotionRecord,
  name: StepName,
  at: string,
): PromotionRecord {
  const attempts = stepOf(promotion, name).attempts + 1;
  return updateStep(promotion, name, at, {
    status: 'running',
    attempts,
    startedAt: at,
    finishedAt: undefined,
    error: undefined,
  });
}

export function finishStep(
  promotion: PromotionRecord,
  name: StepName,
  changes: StepChanges,
  at: string,
): PromotionRecord {
  const { gate, ...fields } = changes;
  const finished = updateStep({ ...promotion, ...fields }, name, at, {
    status: 'done',
    finishedAt: at,
    error: undefined,
  });
  const gates = finished.gates.map(known =>
    known.id === gate?.id ? { ...known, ...gate, checkedAt: at } : known,
  );
  return { ...finished, gates, state: stateAfter({ ...finished, gates }, at) };
}

/** The step has nothing to do until somebody acts. */
export function waitForReview(
  promotion: PromotionRecord,
  at: string,
): PromotionRecord {
  const failedGates = promotion.gates
    .filter(gate => gate.status === 'failed')
    .map(gate => gate.id);
  const waiting = updateStep(promotion, 'await-review', at, {
    status: 'pending',
  });
  return {
    ...waiting,
    state:
      failedGates.length > 0
        ? { phase: 'blocked', failedGates }
        : { phase: 'awaiting-review' },
  };
}

/** The step could not be taken, for a reason that may pass by itself. */
export function postponeStep(
  promotion: PromotionRecord,
  name: StepName,
  error: string,
  at: string,
): PromotionRecord {
  return updateStep(promotion, name, at, { status: 'pending', error });
}

/** The step cannot be taken; somebody has to do something first. */
export function failStep(
  promotion: PromotionRecord,
  name: StepName,
  error: string,
  at: string,
): PromotionRecord {
  return {
    ...updateStep(promotion, name, at, {
      status: 'failed',
      finishedAt: at,
      error,
    }),
    state: { phase: 'failed', step: name, error },
  };
}

/** What earlier steps looked at has changed: take them again, from this one on. */
export function startOver(
  promotion: PromotionRecord,
  from: StepName,
  at: string,
): PromotionRecord {
  const first = STEP_NAMES.indexOf(from);
  const resetGates = new Set(
    STEP_NAMES.slice(first).map(name => GATE_OF_STEP[name]),
  );
  return {
    ...promotion,
    updatedAt: at,
    state: { phase: 'checking' },
    steps: promotion.steps.map((step, index) =>
      index < first ? step : newStep(STEP_NAMES[index]),
    ),
    gates: promotion.gates.map(gate =>
      resetGates.has(gate.id) ? newGate(gate.id) : gate,
    ),
    checkedHead:
      first > STEP_NAMES.indexOf('verify-artifact-digest')
        ? promotion.checkedHead
        : undefined,
  };
}

/** Takes a failed step, or gates that did not pass, once more; undefined when there is nothing of the kind. */
export function retry(
  promotion: PromotionRecord,
  at: string,
): PromotionRecord | undefined {
  const { state } = promotion;
  if (state.phase === 'blocked') {
    return startOver(promotion, 'verify-artifact-digest', at);
  }
  const failed = STEP_NAMES.find(
    name => state.phase === 'failed' && name === state.step,
  );
  if (!failed) return undefined;
  const reset = updateStep(promotion, failed, at, newStep(failed));
  return { ...reset, state: stateAfter(reset, at) };
}

/** Somebody merged the change request on the Git host: what was not checked by then is not checked any more. */
export function mergeOutside(
  promotion: PromotionRecord,
  at: string,
): PromotionRecord {
  const merge = STEP_NAMES.indexOf('merge-change-request');
  const summary = 'Not checked: it was merged outside of the portal before.';
  return {
    ...promotion,
    updatedAt: at,
    state: { phase: 'merging' },
    steps: promotion.steps.map((step, index) =>
      index < merge ? { ...step, status: 'done' } : newStep(STEP_NAMES[index]),
    ),
    gates: promotion.gates.map(gate =>
      gate.status === 'pending'
        ? { ...gate, status: 'skipped', summary }
        : gate,
    ),
  };
}

export function close(
  promotion: PromotionRecord,
  options: { closedBy: string; reason: string },
  at: string,
): PromotionRecord {
  return {
    ...promotion,
    updatedAt: at,
    state: { phase: 'closed', closedAt: at, ...options },
  };
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

/** Whether every gate let the promotion pass. */
export function isGreen(promotion: PromotionRecord): boolean {
  return promotion.gates.every(
    gate => gate.status === 'passed' || gate.status === 'skipped',
  );
}

/** Nothing is merged unless all gates are green and enough people said yes to exactly that. */
export function mayMerge(promotion: PromotionRecord): boolean {
  return isGreen(promotion) && isApproved(promotion);
}

/** Whether a person may approve the promotion now. */
export function mayReview(
  promotion: PromotionRecord,
  options: {
    reviewer: string;
    /** Entity refs of everybody who changed the branch. */
    contributors: string[];
  },
): ReviewDecision {
  const { reviewer, contributors } = options;
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
        )}): see why, then retry it or close it.`,
      );
    default:
      return notNow(`It is ${promotion.state.phase} already.`);
  }
}

export function approve(
  promotion: PromotionRecord,
  approval: { reviewer: string; comment: string; head: string },
  at: string,
): PromotionRecord {
  const { reviewer } = approval;
  const reviewed: PromotionRecord = {
    ...promotion,
    updatedAt: at,
    reviews: [...promotion.reviews, { ...approval, verdict: 'approved', at }],
  };
  return mayMerge(reviewed)
    ? { ...reviewed, state: { phase: 'merging', approvedBy: reviewer } }
    : reviewed;
}

/** The part of a promotion that callers see. */
export function toPromotion(record: PromotionRecord): Promotion {
  return {
    id: record.id,
    kind: record.kind,
    model: record.model,
    version: record.version,
    fromVersion: record.fromVersion,
    environment: record.environment,
    reason: record.reason,
    requestedBy: record.requestedBy,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    state: record.state,
    changeRequest: record.changeRequest,
    steps: record.steps,
    gates: record.gates,
    reviews: record.reviews.map(({ reviewer, verdict, comment, at }) => ({
      reviewer,
      verdict,
      comment,
      at,
    })),
  };
}

/** The phase that follows from the steps that are done. */
function stateAfter(promotion: PromotionRecord, at: string): PromotionState {
  const next = STEP_NAMES.find(
    name => stepOf(promotion, name).status !== 'done',
  );
  switch (next) {
    case undefined:
      return {
        phase: 'merged',
        commit: promotion.mergeCommit ?? '',
        mergedAt: at,
      };
    case 'merge-change-request':
    case 'apply-environment':
      return {
        phase: 'merging',
        approvedBy: approvalsOf(promotion).at(-1)?.reviewer,
      };
    default:
      return { phase: 'checking' };
  }
}

function stepOf(promotion: PromotionRecord, name: StepName): PromotionStep {
  return promotion.steps[STEP_NAMES.indexOf(name)];
}

function updateStep(
  promotion: PromotionRecord,
  name: StepName,
  at: string,
  changes: Partial<PromotionStep>,
): PromotionRecord {
  return {
    ...promotion,
    updatedAt: at,
    steps: promotion.steps.map(step =>
      step.name === name ? { ...step, ...changes } : step,
    ),
  };
}

function newStep(name: StepName): PromotionStep {
  return { name, title: STEP_TITLES[name], status: 'pending', attempts: 0 };
}

function newGate(id: Gate['id']): Gate {
  return {
    id,
    title: GATE_TITLES[id],
    status: 'pending',
    summary: 'Not checked yet.',
  };
}
