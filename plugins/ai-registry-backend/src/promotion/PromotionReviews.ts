import { ConflictError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  NewApproval,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';
import type { GitHost } from '../environments/GitHost';
import type { People } from '../environments/people';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { Approvers } from './Approvers';
import type { PromotionRecord } from './promotion';
import type { PromotionNotifier } from './PromotionNotifier';
import { type PromotionStore, StalePromotionError } from './PromotionStore';
import type { PromotionWorker } from './PromotionWorker';
import { recordPromotion } from './recordPromotion';
import { checkAcceptance, checkMayClose, checkMayReview } from './reviewChecks';
import { toPromotion } from './toPromotion';
import { approve, close, retry, startOver } from './transitions';

export interface PromotionReviewsOptions {
  store: PromotionStore;
  changes: RegistryChanges;
  notifier: PromotionNotifier;
  gitHost: GitHost;
  people: People;
  approvers: Approvers;
  worker: Pick<PromotionWorker, 'wake'>;
}

/** What people say of a promotion that is under way: yes, no, or once more. */
export class PromotionReviews {
  readonly #options: PromotionReviewsOptions;

  constructor(options: PromotionReviewsOptions) {
    this.#options = options;
  }

  async approve(
    id: string,
    approval: NewApproval,
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, gitHost, people, approvers } = this.#options;
    const record = await store.get(id);
    const { comment = '', accepts = [] } = approval;
    const reviewer = userRefOf(options.credentials);
    checkMayReview(await approvers.decide(record, options));
    checkAcceptance(record, { comment, accepts });
    const { number } = record.changeRequest!;
    const { head } = await gitHost.getChangeRequest(number);
    if (head !== record.checkedHead) {
      const at = new Date().toISOString();
      const again = startOver(record, 'verify-artifact-digest', at);
      await this.#save(again, { action: 'promotion-started-over', options });
      throw new ConflictError(
        'The branch was changed since the gates looked at it: they run again now, look at it after that',
      );
    }
    const author = await people.personOf(reviewer);
    await gitHost.approveChangeRequest(number, { author, head });
    const at = new Date().toISOString();
    const review = {
      reviewer,
      comment,
      head,
      ...(accepts.length > 0 && { accepts }),
    };
    return this.#save(approve(record, review, at), {
      action: 'promotion-approved',
      options,
      details: { comment, accepts },
    });
  }

  async close(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion> {
    for (;;) {
      try {
        return await this.#closeAsItIs(id, closing, options);
      } catch (error) {
        if (!(error instanceof StalePromotionError)) throw error;
        // The worker took a step meanwhile: look again.
      }
    }
  }

  async #closeAsItIs(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion> {
    const record = await this.#options.store.get(id);
    checkMayClose(record);
    const closedBy = userRefOf(options.credentials);
    const { reason } = closing;
    const at = new Date().toISOString();
    const closed = close(record, { closedBy, reason }, at);
    const isRejection = closedBy !== record.requestedBy;
    return this.#save(
      {
        ...closed,
        reviews: isRejection
          ? [
              ...closed.reviews,
              { reviewer: closedBy, verdict: 'rejected', comment: reason, at },
            ]
          : closed.reviews,
      },
      { action: 'promotion-closed', options },
    );
  }

  async retry(id: string, options: CallOptions): Promise<Promotion> {
    const record = await this.#options.store.get(id);
    const again = retry(record, new Date().toISOString());
    if (!again) {
      throw new ConflictError(
        `The promotion is ${record.state.phase}: only a failed step or gates that did not pass can be tried again`,
      );
    }
    return this.#save(again, { action: 'promotion-retried', options });
  }

  async #save(
    record: PromotionRecord,
    event: { action: string; options: CallOptions; details?: object },
  ): Promise<Promotion> {
    const { store, changes, notifier, worker } = this.#options;
    const saved = await changes.transaction(async tx => {
      const promotion = await store.save(tx, record);
      await store.enqueue(tx, record.id);
      await recordPromotion(changes, tx, {
        promotion,
        action: event.action,
        actor: userRefOf(event.options.credentials),
        details: event.details,
      });
      return promotion;
    });
    worker.wake();
    await notifier.tellRequester(saved);
    return toPromotion(saved);
  }
}
