import { ConflictError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  Promotion,
  PromotionPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { Gates } from './gates/Gates';
import { isHeldAtMerge, type PromotionRecord } from './promotion';
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
  gates: Pick<Gates, 'planOf'>;
}

/** Begins promotions and rollbacks: one is open for each model and environment, the newest. */
export class PromotionOpener {
  readonly #options: PromotionOpenerOptions;

  constructor(options: PromotionOpenerOptions) {
    this.#options = options;
  }

  async open(
    request: Omit<Parameters<typeof openPromotion>[0], 'id' | 'requestedBy'> & {
      /** Who asked for it elsewhere; the caller where it is left out. */
      requestedBy?: string;
    },
    options: CallOptions,
  ): Promise<Promotion> {
    const { store, changes, notifier, worker, gates } = this.#options;
    const requestedBy = request.requestedBy ?? userRefOf(options.credentials);
    const at = new Date().toISOString();
    const record = openPromotion(
      { ...request, id: randomUUID(), requestedBy },
      gates.planOf(request),
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

  /**
   * Begins the promotion again, with the other version that its change request asks for by now.
   *
   * @throws StalePromotionError where something has happened to it meanwhile
   */
  async retarget(
    promotion: PromotionRecord,
    wanted: Pick<PromotionRecord, 'version'> & PromotionPlan,
  ): Promise<void> {
    const { store, changes, worker, gates } = this.#options;
    const { id, createdAt, requestedBy, reviewAsked, revision } = promotion;
    const record: PromotionRecord = {
      ...openPromotion(
        {
          id,
          kind: promotion.kind,
          model: promotion.model,
          environment: promotion.environment,
          fromVersion: promotion.fromVersion,
          reason: promotion.reason,
          requestedBy,
          requiredApprovals: promotion.requiredApprovals,
          branch: promotion.branch,
          changeRequest: promotion.changeRequest,
          ...wanted,
        },
        gates.planOf({ ...promotion, ...wanted }),
        createdAt,
      ),
      updatedAt: new Date().toISOString(),
      ...(reviewAsked && { reviewAsked }),
      revision,
    };
    await changes.transaction(async tx => {
      const saved = await store.save(tx, record);
      await store.enqueue(tx, id);
      await recordPromotion(changes, tx, {
        promotion: saved,
        action: 'promotion-retargeted',
        actor: requestedBy,
        details: { before: promotion.version },
      });
    });
    worker.wake();
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
      if (promotion.state.phase === 'merging' && !isHeldAtMerge(promotion)) {
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
