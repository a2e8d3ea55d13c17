import type {
  Promotion,
  PromotionStep,
} from '@greenroom/plugin-ai-registry-common';
import type { PromotionRecord } from './promotion';
import { gateOfStep } from './transitions';

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
    steps: shownSteps(record),
    gates: record.gates,
    reviews: record.reviews.map(({ head: _head, ...review }) => review),
  };
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
  const gate = gates.find(({ id }) => id === gateOfStep(step));
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
