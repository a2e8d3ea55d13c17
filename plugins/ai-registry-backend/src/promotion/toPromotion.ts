import type {
  Gate,
  Promotion,
  PromotionStep,
} from '@greenroom/plugin-ai-registry-common';
import type { PromotionRecord } from './promotion';

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
    ...(record.automation && { automation: record.automation }),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    state: record.state,
    changeRequest: record.changeRequest,
    steps: shownSteps(record),
    gates: record.gates.map(gate => shownGate(record, gate)),
    reviews: record.reviews.map(({ head, ...review }) => ({
      ...review,
      ...(isOutdated(record, head) && { isOutdated: true }),
    })),
    ...(record.objections?.length && { objections: record.objections }),
    ...(record.uncounted?.length && { uncounted: record.uncounted }),
    ...(record.strangers?.length && { strangers: record.strangers }),
    overrides: (record.overrides ?? []).map(({ head, ...override }) => ({
      ...override,
      isInForce: head === record.checkedHead,
    })),
  };
}

/** Whether the gates have looked at another revision than the approval is of. */
function isOutdated(
  { checkedHead }: PromotionRecord,
  head: string | undefined,
): boolean {
  return (
    head !== undefined && checkedHead !== undefined && head !== checkedHead
  );
}

/**
 * The steps as people see them. The worker needs to know only what is left to do; whoever looks
 * at the promotion is told which of the rest was never done, and why.
 */
function shownSteps(promotion: PromotionRecord): PromotionStep[] {
  return promotion.steps.map(step => {
    const skippedBecause = whySkipped(promotion, step);
    return skippedBecause === undefined
      ? step
      : { ...step, status: 'skipped', skippedBecause };
  });
}

/** A gate that is being asked right now. */
function shownGate({ steps }: PromotionRecord, gate: Gate): Gate {
  const isAsked =
    gate.status === 'pending' &&
    steps.some(step => step.gate === gate.id && step.status === 'running');
  return isAsked
    ? { ...gate, status: 'running', summary: 'Being checked.' }
    : gate;
}

function whySkipped(
  promotion: PromotionRecord,
  step: PromotionStep,
): string | undefined {
  const { state, gates, reviews, requiredApprovals } = promotion;
  if (step.status !== 'done') {
    return state.phase === 'closed' && step.status !== 'failed'
      ? 'The promotion was closed before.'
      : undefined;
  }
  if (step.skippedBecause !== undefined) return step.skippedBecause;
  const gate = gates.find(({ id }) => id === step.gate);
  if (gate?.status === 'skipped') return gate.summary;
  if (step.finishedAt === undefined) {
    return 'It was merged outside of the portal before.';
  }
  if (step.name === 'check-connection' && !gate) {
    return 'Not asked: data planes run the version themselves.';
  }
  return step.name === 'await-review' &&
    requiredApprovals === 0 &&
    reviews.length === 0
    ? `A ${promotion.kind} needs no review here.`
    : undefined;
}
