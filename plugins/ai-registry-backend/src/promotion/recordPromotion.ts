import type { Knex } from 'knex';
import type { RegistryChanges } from '../events/announcement';
import type { PromotionRecord } from './promotion';

/** Writes down what happened to a promotion, and tells open pages. */
export async function recordPromotion(
  changes: RegistryChanges,
  tx: Knex.Transaction,
  event: {
    promotion: PromotionRecord;
    action: string;
    actor: string;
    details?: object;
  },
): Promise<void> {
  const { promotion, action, actor, details } = event;
  const { id, kind, model, version, environment, state } = promotion;
  await changes.record(tx, {
    action,
    model,
    environment,
    subject: id,
    actor,
    after: {
      promotionId: id,
      kind,
      version,
      environment,
      phase: state.phase,
      ...details,
    },
    announce: [{ type: 'promotion-changed', promotionId: id, model }],
  });
}
