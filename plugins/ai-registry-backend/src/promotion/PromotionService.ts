import type {
  Environment,
  NewApproval,
  NewGateOverride,
  NewPromotion,
  Promotion,
  PromotionDetail,
  PromotionQuery,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';

export interface NewRollback {
  model: string;
  environment: Environment;
  reason: string;
  /** Any version that ran there before; the last one when it is left out. */
  version?: number;
}

/** What can be done with promotions. */
export interface PromotionService {
  /** Newest first. */
  list(query: PromotionQuery, options: CallOptions): Promise<Promotion[]>;
  get(id: string, options: CallOptions): Promise<PromotionDetail>;
  /** Asks for a version to run in an environment; an older open request for the same place is closed. */
  promote(request: NewPromotion, options: CallOptions): Promise<Promotion>;
  /** Goes back to what ran before. */
  rollBack(request: NewRollback, options: CallOptions): Promise<Promotion>;
  /** Says yes as a second person; merges when that is all that was missing. */
  approve(
    id: string,
    approval: NewApproval,
    options: CallOptions,
  ): Promise<Promotion>;
  /** Lets a gate pass that stands against it, as a second person. */
  override(
    id: string,
    override: NewGateOverride,
    options: CallOptions,
  ): Promise<Promotion>;
  /** A reviewer's no, or the author's withdrawal. */
  close(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion>;
  /** Takes a failed step, or gates that did not pass, once more. */
  retry(id: string, options: CallOptions): Promise<Promotion>;
}
