import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import type { NewApproval } from '@greenroom/plugin-ai-registry-common';
import {
  isOpen,
  openQuestions,
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

/** @throws ConflictError once it is being merged, or has ended in another way than by failing */
export function checkMayClose(record: PromotionRecord): void {
  const { phase } = record.state;
  if (!(isOpen(record) || phase === 'failed') || phase === 'merging') {
    throw new ConflictError(`The promotion is ${phase}: it cannot be closed`);
  }
}
