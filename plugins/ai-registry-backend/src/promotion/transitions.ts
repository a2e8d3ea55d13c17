import type {
  Gate,
  GateEvidence,
  PromotionState,
  PromotionStep,
  Review,
} from '@greenroom/plugin-ai-registry-common';
import {
  approvalsOf,
  mayMerge,
  type PromotionRecord,
  STEP_NAMES,
  type StepName,
} from './promotion';

const STEP_TITLES: Record<StepName, string> = {
  'create-branch': 'Create the branch',
  'open-change-request': 'Open the change request',
  'verify-artifact-digest': 'Verify the artifact',
  'check-connection': 'Check the connection',
  'try-to-load': 'Try to load it',
  'check-signature': 'Compare signatures',
  'evaluate-prompts': 'Ask the prompts',
  'compare-evaluation': 'Compare evaluations',
  'compare-cost': 'Compare the cost',
  'publish-report': 'Publish the evidence',
  'await-review': 'Review',
  'merge-change-request': 'Merge',
  'apply-environment': 'Move the alias',
  'await-rollout': 'Roll out',
};

const GATE_OF_STEP: Partial<Record<StepName, Gate['id']>> = {
  'verify-artifact-digest': 'artifact-digest',
  'check-connection': 'connection',
  'try-to-load': 'servable',
  'check-signature': 'signature-compatible',
  'compare-evaluation': 'evaluation',
  'compare-cost': 'cost',
};

/** The gate that a step checks; undefined when it checks none. */
export function gateOfStep(step: { name: string }): Gate['id'] | undefined {
  const name = STEP_NAMES.find(known => known === step.name);
  return name && GATE_OF_STEP[name];
}

/** Only promotions that they are about have them. */
const GATES_ON_DEMAND: ReadonlySet<Gate['id']> = new Set([
  'connection',
  'cost',
]);

const GATE_TITLES: Record<Gate['id'], string> = {
  'artifact-digest': 'Artifact is what was registered',
  connection: 'Connection is there and answers',
  servable: 'Data planes can serve it',
  'signature-compatible': 'Signature is compatible',
  evaluation: 'Evaluation is not worse',
  cost: 'Cost of a call',
};

/** What a step found out. */
export type StepChanges = Partial<
  Pick<
    PromotionRecord,
    'changeRequest' | 'fromVersion' | 'checkedHead' | 'mergeCommit' | 'outcome'
  >
> & { gate?: GateResult };

export interface GateResult {
  id: Gate['id'];
  status: Exclude<Gate['status'], 'pending'>;
  summary: string;
  evidence?: GateEvidence;
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
    gates: Object.values(GATE_OF_STEP)
      .filter(id => !GATES_ON_DEMAND.has(id))
      .map(newGate),
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
  waitingFor: string,
  at: string,
): PromotionRecord {
  const { state } = promotion;
  return {
    ...updateStep(promotion, name, at, { waitingFor }),
    state: state.phase === 'rolling-out' ? { ...state, waitingFor } : state,
  };
}

export function finishStep(
  promotion: PromotionRecord,
  name: StepName,
  changes: StepChanges,
  at: string,
  skippedBecause?: string,
): PromotionRecord {
  const { gate, ...fields } = changes;
  const finished = updateStep({ ...promotion, ...fields }, name, at, {
    status: 'done',
    finishedAt: at,
    error: undefined,
    waitingFor: undefined,
    skippedBecause,
  });
  const gates = withGate(finished.gates, gate?.id).map(known =>
    known.id === gate?.id ? { ...known, ...gate, checkedAt: at } : known,
  );
  return { ...finished, gates, state: stateAfter({ ...finished, gates }, at) };
}

/** Gates in their order, with one that a promotion has on demand. */
function withGate(gates: Gate[], id: Gate['id'] | undefined): Gate[] {
  if (id === undefined || gates.some(gate => gate.id === id)) return gates;
  const order = Object.values(GATE_OF_STEP);
  return [...gates, newGate(id)].sort(
    (a, b) => order.indexOf(a.id) - order.indexOf(b.id),
  );
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

export function approve(
  promotion: PromotionRecord,
  approval: Pick<Review, 'reviewer' | 'comment' | 'accepts'> & { head: string },
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
  const next = STEP_NAMES.find(
    name => stepOf(promotion, name).status !== 'done',
  );
  switch (next) {
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
