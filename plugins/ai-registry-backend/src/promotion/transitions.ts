import type {
  Gate,
  PromotionState,
  Review,
} from '@greenroom/plugin-ai-registry-common';
import { newGate } from './gates/newGate';
import {
  approvalsOf,
  failedGates,
  FIRST_GATE_STEP,
  type FrameStepName,
  type GateStepName,
  mayMerge,
  type PromotionRecord,
  type RecordedStep,
  type StepName,
} from './promotion';

const BEFORE_GATES: FrameStep[] = [
  { name: 'create-branch', title: 'Create the branch' },
  { name: 'open-change-request', title: 'Open the change request' },
];

const AFTER_GATES: FrameStep[] = [
  { name: 'publish-report', title: 'Publish the evidence' },
  { name: 'await-review', title: 'Review' },
  { name: 'merge-change-request', title: 'Merge' },
  { name: 'apply-environment', title: 'Move the alias' },
  { name: 'await-rollout', title: 'Roll out' },
];

/** Of environments that ask for it. */
const VERIFY: FrameStep = { name: 'verify', title: 'Verify what serves' };

type FrameStep = { name: FrameStepName; title: string };

/** What a step found out. */
export type StepChanges = Partial<
  Pick<
    PromotionRecord,
    | 'changeRequest'
    | 'fromVersion'
    | 'checkedHead'
    | 'strangers'
    | 'planned'
    | 'mergeCommit'
    | 'outcome'
    | 'told'
  >
> & {
  /** Of the gates that were asked. */
  gates?: GateResult[];
};

/** What a gate found, as the promotion keeps it. */
export interface GateResult
  extends Pick<Gate, 'id' | 'title' | 'summary' | 'evidence' | 'until'> {
  status: Exclude<Gate['status'], 'pending' | 'running'>;
}

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
    | 'analysis'
    | 'outcomes'
    | 'rollbackTo'
    | 'requiredApprovals'
    | 'automation'
    | 'branch'
    | 'changeRequest'
  >,
  /** The gates of its environment, with the steps that ask them. */
  plan: {
    steps: RecordedStep<GateStepName>[];
    gates: Gate[];
    /** Whether what serves is looked at before it goes on. */
    verifies: boolean;
  },
  at: string,
): PromotionRecord {
  return {
    ...request,
    createdAt: at,
    updatedAt: at,
    state: { phase: 'checking' },
    steps: [
      ...BEFORE_GATES.map(newStep),
      ...plan.steps,
      ...AFTER_GATES.map(newStep),
      ...(plan.verifies ? [newStep(VERIFY)] : []),
    ],
    gates: plan.gates,
    reviews: [],
    revision: 0,
  };
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
    waitingFor: undefined,
    skippedBecause: undefined,
  });
}

/** The step is under way elsewhere, and has to be asked again later. */
export function awaitStep(
  promotion: PromotionRecord,
  name: StepName,
  wait: {
    waitingFor: string;
    told?: PromotionRecord['told'];
    reviewAsked?: PromotionRecord['reviewAsked'];
    /** Of gates that were asked once more. */
    gates?: GateResult[];
  },
  at: string,
): PromotionRecord {
  const { waitingFor, told, reviewAsked, gates = [] } = wait;
  const { state } = promotion;
  const noted = {
    ...promotion,
    ...(told && { told }),
    ...(reviewAsked && { reviewAsked }),
  };
  const waiting = updateStep(withGates(noted, gates, at), name, at, {
    waitingFor,
  });
  if (name === 'await-review') {
    return { ...waiting, state: stateInReview(waiting) };
  }
  return state.phase === 'rolling-out'
    ? { ...waiting, state: { ...state, waitingFor } }
    : waiting;
}

export function finishStep(
  promotion: PromotionRecord,
  name: StepName,
  changes: StepChanges,
  at: string,
  skippedBecause?: string,
): PromotionRecord {
  const { gates: found = [], ...fields } = changes;
  const finished = updateStep({ ...promotion, ...fields }, name, at, {
    status: 'done',
    finishedAt: at,
    error: undefined,
    waitingFor: undefined,
    skippedBecause,
  });
  const checked = withGates(finished, found, at);
  return { ...checked, state: stateAfter(checked, at) };
}

/** The promotion with what gates found; in the order of their steps, since some are there on demand alone. */
export function withGates(
  promotion: PromotionRecord,
  found: GateResult[],
  at: string,
): PromotionRecord {
  if (found.length === 0) return promotion;
  const order = promotion.steps.map(({ gate }) => gate);
  const ids = new Set(found.map(({ id }) => id));
  const gates = [
    ...promotion.gates.filter(({ id }) => !ids.has(id)),
    ...found.map(gate => ({ ...gate, checkedAt: at })),
  ].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  return { ...promotion, gates };
}

/** The step has nothing to do until somebody acts. */
export function waitForReview(
  promotion: PromotionRecord,
  at: string,
): PromotionRecord {
  const waiting = updateStep(promotion, 'await-review', at, {
    status: 'pending',
  });
  return { ...waiting, state: stateInReview(waiting) };
}

function stateInReview(promotion: PromotionRecord): PromotionState {
  const failed = failedGates(promotion).map(({ id }) => id);
  return failed.length > 0
    ? { phase: 'blocked', failedGates: failed }
    : { phase: 'awaiting-review' };
}

/** The step could not be taken, for a reason that may pass by itself. */
export function postponeStep(
  promotion: PromotionRecord,
  name: StepName,
  failure: { error: string; attempts?: number },
  at: string,
): PromotionRecord {
  return updateStep(promotion, name, at, { status: 'pending', ...failure });
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
  const first = indexOf(promotion, from);
  const resetGates = new Set(
    promotion.steps.slice(first).map(({ gate }) => gate),
  );
  return {
    ...promotion,
    updatedAt: at,
    state: { phase: 'checking' },
    steps: promotion.steps.map((step, index) =>
      index < first ? step : reset(step),
    ),
    gates: promotion.gates.map(gate =>
      resetGates.has(gate.id) ? newGate(gate) : gate,
    ),
    checkedHead:
      first > indexOf(promotion, FIRST_GATE_STEP)
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
    return startOver(promotion, FIRST_GATE_STEP, at);
  }
  if (
    state.phase === 'completed' &&
    state.outcome.verification?.status === 'failed'
  ) {
    return verifyAgain(promotion, at);
  }
  const failed = promotion.steps.find(
    ({ name }) => state.phase === 'failed' && name === state.step,
  );
  if (!failed) return undefined;
  // What the gates before it found may be of another time.
  if (failed.gate !== undefined) {
    return startOver(promotion, FIRST_GATE_STEP, at);
  }
  const again: PromotionRecord = {
    ...promotion,
    updatedAt: at,
    steps: promotion.steps.map(step => (step === failed ? reset(step) : step)),
  };
  return { ...again, state: stateAfter(again, at) };
}

/** What was asked of the version where it serves is asked once more. */
function verifyAgain(promotion: PromotionRecord, at: string): PromotionRecord {
  const again: PromotionRecord = {
    ...promotion,
    updatedAt: at,
    steps: promotion.steps.map(step =>
      step.name === VERIFY.name ? reset(step) : step,
    ),
  };
  return { ...again, state: stateAfter(again, at) };
}

/** Somebody merged the change request on the Git host: what was not checked by then is not checked any more. */
export function mergeOutside(
  promotion: PromotionRecord,
  at: string,
): PromotionRecord {
  const merge = indexOf(promotion, 'merge-change-request');
  const summary = 'Not checked: it was merged outside of the portal before.';
  return {
    ...promotion,
    updatedAt: at,
    state: { phase: 'merging' },
    steps: promotion.steps.map((step, index) =>
      index < merge ? { ...step, status: 'done' } : reset(step),
    ),
    gates: promotion.gates.map(gate =>
      gate.status === 'pending' || gate.status === 'waiting'
        ? { ...gate, status: 'skipped', until: undefined, summary }
        : gate,
    ),
  };
}

/** Somebody lets a gate pass for the revision that it looked at. */
export function override(
  promotion: PromotionRecord,
  { gate, reason, by }: { gate: Gate['id']; reason: string; by: string },
  at: string,
): PromotionRecord {
  const { checkedHead: head, overrides = [] } = promotion;
  if (head === undefined) throw new Error('The gates have looked at nothing');
  const overridden: PromotionRecord = {
    ...promotion,
    updatedAt: at,
    overrides: [...overrides, { gate, reason, by, at, head }],
  };
  return {
    ...overridden,
    state: mayMerge(overridden)
      ? {
          phase: 'merging',
          approvedBy: approvalsOf(overridden).at(-1)?.reviewer,
        }
      : stateInReview(overridden),
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

export function approve(
  promotion: PromotionRecord,
  approval: Pick<Review, 'reviewer' | 'comment' | 'accepts' | 'via'> & {
    head: string;
  },
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

/** The phase that follows from the steps that are done. */
function stateAfter(promotion: PromotionRecord, at: string): PromotionState {
  const next = promotion.steps.find(({ status }) => status !== 'done');
  switch (next?.name) {
    case undefined:
      return {
        phase: 'completed',
        commit: promotion.mergeCommit ?? '',
        mergedAt: mergedAt(promotion) ?? at,
        completedAt: at,
        outcome: promotion.outcome ?? {
          kind: 'unknown',
          note: 'Nobody looked how its rollout ended.',
        },
      };
    case 'await-rollout':
    case 'verify':
      return {
        phase: 'rolling-out',
        commit: promotion.mergeCommit ?? '',
        mergedAt: mergedAt(promotion) ?? at,
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

function mergedAt(promotion: PromotionRecord): string | undefined {
  return stepOf(promotion, 'merge-change-request').finishedAt;
}

function stepOf(promotion: PromotionRecord, name: StepName): RecordedStep {
  return promotion.steps[indexOf(promotion, name)];
}

function indexOf({ id, steps }: PromotionRecord, name: StepName): number {
  const index = steps.findIndex(step => step.name === name);
  if (index < 0) throw new Error(`Promotion '${id}' has no step '${name}'`);
  return index;
}

function updateStep(
  promotion: PromotionRecord,
  name: StepName,
  at: string,
  changes: Partial<Omit<RecordedStep, 'name'>>,
): PromotionRecord {
  return {
    ...promotion,
    updatedAt: at,
    steps: promotion.steps.map(step =>
      step.name === name ? { ...step, ...changes } : step,
    ),
  };
}

function newStep({ name, title }: FrameStep): RecordedStep {
  return { name, title, status: 'pending', attempts: 0 };
}

/** As it was before it was taken. */
function reset({ name, title, gate }: RecordedStep): RecordedStep {
  return {
    name,
    title,
    status: 'pending',
    attempts: 0,
    ...(gate !== undefined && { gate }),
  };
}
