import { ConflictError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { PromotionRecord } from './promotion';
import type { PromotionNotifier } from './PromotionNotifier';
import type { PromotionStore } from './PromotionStore';
import type { PromotionWorker } from './PromotionWorker';
import { recordPromotion } from './recordPromotion';
import { toPromotion } from './toPromotion';
import { close, openPromotion } from './transitions';

export interface PromotionOpenerOptions {
  store: PromotionStore;
  changes: RegistryChanges;
  notifier: PromotionNotifier;
  worker: Pick<PromotionWorker, 'wake'>;
}

/** Begins promotions and rollbacks: one is open for each model and environment, the newest. */
export class PromotionOpener {
  readonly #options: PromotionOpenerOptions;

  constructor(options: PromotionOpenerOptions) {
    this.#options = options;
  }

  async open(
    request: Omit<Parameters<typeof openPromotion>[0], 'id' | 'requestedBy'>,
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, changes, notifier, worker } = this.#options;
    const requestedBy = userRefOf(options.credentials);
    const at = new Date().toISOString();
    const record = openPromotion(
      { ...request, id: randomUUID(), requestedBy },
      at,
    );
    const superseded = await changes.transaction(async tx => {
      await store.lockPlace(tx, record);
      const closed = await this.#supersede(tx, record);
      await store.insert(tx, record);
      await store.enqueue(tx, record.id);
      await recordPromotion(changes, tx, {
        promotion: record,
        action: 'promotion-opened',
        actor: requestedBy,
        details: { reason: record.reason },
      });
      return closed;
    });
    worker.wake();
    await Promise.all(
      superseded.map(promotion => notifier.tellRequester(promotion)),
    );
    return toPromotion(record);
  }

  /** Closes what was asked for the same place before. */
  async #supersede(
    tx: Knex.Transaction,
    next: PromotionRecord,
  ): Promise<PromotionRecord[]> {
    const { store, changes } = this.#options;
    const { environment, requestedBy } = next;
    const superseded: PromotionRecord[] = [];
    for (const promotion of await store.unfinished(next, tx)) {
      if (promotion.state.phase === 'merging') {
        throw new ConflictError(
          `Version ${promotion.version} is being merged into ${environment} right now (promotion ${promotion.id}): ask again when that is done`,
        );
      }
      const reason = `Superseded by version ${next.version} (promotion ${next.id}).`;
      const closed = await store.save(
        tx,
        close(promotion, { closedBy: requestedBy, reason }, next.createdAt),
      );
      await store.enqueue(tx, promotion.id);
      await recordPromotion(changes, tx, {
        promotion: closed,
        action: 'promotion-superseded',
        actor: requestedBy,
        details: { reason },
      });
      superseded.push(closed);
    }
    return superseded;
  }
}
