import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import type { GateId, NewApproval } from '@greenroom/plugin-ai-registry-common';
import {
  isHeldAtMerge,
  isOpen,
  openQuestions,
  overridableGates,
  type PromotionRecord,
  type ReviewDecision,
} from './promotion';

/** @throws NotAllowedError when it is not for this person, ConflictError when it is too early or too late */
export function checkMayReview(decision: ReviewDecision): void {
  if (decision.allowed) return;
  throw decision.because === 'never'
    ? new NotAllowedError(decision.reason)
    : new ConflictError(decision.reason);
}

/** @throws InputError, or ConflictError when gates that could not tell are passed over in silence */
export function checkAcceptance(
  record: PromotionRecord,
  { comment, accepts }: Required<NewApproval>,
): void {
  const undecided = record.gates.filter(({ status }) => status === 'undecided');
  const known = new Set(undecided.map(({ id }) => id));
  const other = accepts.find(id => !known.has(id));
  if (other) {
    throw new InputError(
      `accepts: the gate '${other}' is not undecided: leave it out`,
    );
  }
  if (accepts.length > 0 && comment.trim() === '') {
    throw new InputError(
      `comment: say why ${accepts.join(' and ')} may pass without proof`,
    );
  }
  const missing = openQuestions(record).find(({ id }) => !accepts.includes(id));
  if (missing) {
    throw new ConflictError(
      `The gate '${missing.id}' could not tell: ${missing.summary} Let it pass with accepts: ["${missing.id}"] and a comment that says why, or reject the promotion`,
    );
  }
}

/**
 * @param absolute - gates that nobody overrides
 * @throws InputError, NotAllowedError or ConflictError when the gate cannot be overridden
 */
export function checkMayOverride(
  record: PromotionRecord,
  gate: GateId,
  absolute: readonly GateId[],
): void {
  const found = record.gates.find(({ id }) => id === gate);
  if (!found) {
    throw new InputError(
      `gate: expected one of ${record.gates
        .map(({ id }) => id)
        .join(', ')}, got '${gate}'`,
    );
  }
  if (absolute.includes(gate)) {
    throw new NotAllowedError(
      `Nobody overrides the gate '${gate}': mend what it found, then run the gates again`,
    );
  }
  if (!overridableGates(record).includes(found)) {
    throw new ConflictError(
      found.status === 'undecided'
        ? `The gate '${gate}' could not tell: a reviewer lets it pass by approving with accepts: ["${gate}"]`
        : `The gate '${gate}' holds nothing up: there is nothing to override`,
    );
  }
}

/** @throws ConflictError once it is being merged, or has ended in another way than by failing */
export function checkMayClose(record: PromotionRecord): void {
  const { phase } = record.state;
  const isBeingMerged = phase === 'merging' && !isHeldAtMerge(record);
  if (!(isOpen(record) || phase === 'failed') || isBeingMerged) {
    throw new ConflictError(`The promotion is ${phase}: it cannot be closed`);
  }
}
