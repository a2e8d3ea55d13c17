import { ConflictError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  NewApproval,
  NewGateOverride,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';
import type { GitHost } from '../environments/GitHost';
import type { People } from '../environments/people';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { Approvers } from './Approvers';
import type { Gates } from './gates/Gates';
import { FIRST_GATE_STEP, type PromotionRecord } from './promotion';
import type { PromotionNotifier } from './PromotionNotifier';
import { type PromotionStore, StalePromotionError } from './PromotionStore';
import type { PromotionWorker } from './PromotionWorker';
import { recordPromotion } from './recordPromotion';
import {
  checkAcceptance,
  checkMayClose,
  checkMayOverride,
  checkMayReview,
} from './reviewChecks';
import { toPromotion } from './toPromotion';
import { approve, close, override, retry, startOver } from './transitions';

export interface PromotionReviewsOptions {
  store: PromotionStore;
  changes: RegistryChanges;
  notifier: PromotionNotifier;
  gitHost: GitHost;
  people: People;
  approvers: Approvers;
  worker: Pick<PromotionWorker, 'wake'>;
  gates: Pick<Gates, 'absolute'>;
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
    const { checkedHead } = await this.#options.store.get(id);
    return untilSaved(() =>
      this.#approveAsItIs(id, { ...approval, head: checkedHead }, options),
    );
  }

  async #approveAsItIs(
    id: string,
    approval: NewApproval & { head: string | undefined },
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, gitHost, people, approvers } = this.#options;
    const record = await store.get(id);
    if (record.checkedHead !== approval.head) throw changedSince();
    const { comment = '', accepts = [] } = approval;
    const reviewer = userRefOf(options.credentials);
    checkMayReview(await approvers.decide(record, options));
    checkAcceptance(record, { comment, accepts });
    const { number, head } = await this.#requireCheckedHead(record, options);
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

  /** Lets a gate pass, and says so below the change request. */
  async override(
    id: string,
    { gate, reason }: NewGateOverride,
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, gitHost, people, approvers, gates } = this.#options;
    const record = await store.get(id);
    const by = userRefOf(options.credentials);
    checkMayReview(await approvers.decideOverride(record, options));
    checkMayOverride(record, gate, gates.absolute);
    const { number } = await this.#requireCheckedHead(record, options);
    const title = record.gates.find(found => found.id === gate)?.title ?? gate;
    await gitHost.commentOnChangeRequest(number, {
      author: await people.personOf(by),
      text: `Overrides the gate "${title}" for ${record.checkedHead}:\n\n${reason}`,
    });
    const at = new Date().toISOString();
    return this.#save(override(record, { gate, reason, by }, at), {
      action: 'promotion-gate-overridden',
      options,
      details: { gate, reason, head: record.checkedHead },
    });
  }

  /** What people say is about what the gates looked at. */
  async #requireCheckedHead(
    record: PromotionRecord,
    options: CallOptions,
  ): Promise<{ number: number; head: string }> {
    const { number } = record.changeRequest!;
    const { head } = await this.#options.gitHost.getChangeRequest(number);
    if (head === record.checkedHead) return { number, head };
    const at = new Date().toISOString();
    const again = startOver(record, FIRST_GATE_STEP, at);
    await this.#save(again, { action: 'promotion-started-over', options });
    throw changedSince();
  }

  async close(
    id: string,
    closing: { reason: string },
    options: CallOptions,
  ): Promise<Promotion> {
    return untilSaved(() => this.#closeAsItIs(id, closing, options));
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
        `The promotion is ${record.state.phase}: only a failed step or gates that did not pass, also of what serves, can be tried again`,
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

/** Somebody else, or the worker, may have taken a step meanwhile: then it is looked at again. */
async function untilSaved<T>(answer: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await answer();
    } catch (error) {
      if (!(error instanceof StalePromotionError)) throw error;
    }
  }
}

function changedSince(): ConflictError {
  return new ConflictError(
    'The branch was changed since the gates looked at it: they run again now, look at it after that',
  );
}
