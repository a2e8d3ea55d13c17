import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';

/** Something that a plugin's tables were changed for. */
export interface DomainEvent {
  /** ISO 8601. */
  at: string;
  /** Entity ref of a person, or `service:<name>`. */
  actor: string;
  type:
    | 'rollout-changed'
    | 'rollout-retried'
    | 'deployment-noted'
    | 'deployment-withdrawn'
    | 'key-issued'
    | 'key-revoked';
  /** Identifier of what changed. */
  subject: string;
  /** Never a secret. */
  payload: JsonObject;
}

/** Writes an event in the transaction of the change that it tells. */
export async function appendEvent(options: {
  tx: Knex.Transaction;
  event: DomainEvent;
}): Promise<void> {
  const { tx, event } = options;
  await tx('ai_inference_events').insert({
    ...event,
    payload: JSON.stringify(event.payload),
  });
}
