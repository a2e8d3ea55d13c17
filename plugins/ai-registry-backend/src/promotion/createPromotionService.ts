import { Approvers, type ApproversOptions } from './Approvers';
import {
  PromotionOpener,
  type PromotionOpenerOptions,
} from './PromotionOpener';
import { PromotionReader } from './PromotionReader';
import {
  PromotionRequests,
  type PromotionRequestsOptions,
} from './PromotionRequests';
import {
  PromotionReviews,
  type PromotionReviewsOptions,
} from './PromotionReviews';
import type { PromotionService } from './PromotionService';
import { Rollbacks, type RollbacksOptions } from './Rollbacks';

export type PromotionServiceOptions = ApproversOptions &
  PromotionOpenerOptions &
  Omit<PromotionRequestsOptions, 'opener'> &
  Omit<RollbacksOptions, 'opener'> &
  Omit<PromotionReviewsOptions, 'approvers'>;

/** Does what it is asked; `AuthorizedPromotionService` asks whether it may. */
export function createPromotionService(
  options: PromotionServiceOptions,
): PromotionService {
  const approvers = new Approvers(options);
  const opener = new PromotionOpener(options);
  const reader = new PromotionReader({ ...options, approvers });
  const requests = new PromotionRequests({ ...options, opener });
  const rollbacks = new Rollbacks({ ...options, opener });
  const reviews = new PromotionReviews({ ...options, approvers });
  return {
    list: query => reader.list(query),
    get: (id, call) => reader.get(id, call),
    promote: (request, call) => requests.promote(request, call),
    rollBack: (request, call) => rollbacks.rollBack(request, call),
    approve: (id, approval, call) => reviews.approve(id, approval, call),
    override: (id, given, call) => reviews.override(id, given, call),
    close: (id, closing, call) => reviews.close(id, closing, call),
    retry: (id, call) => reviews.retry(id, call),
  };
}
