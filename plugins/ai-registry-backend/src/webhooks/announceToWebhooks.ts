import { insertMany } from '@greenroom/ai-node';
import type { WebhookEvent } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { Announcement } from '../events/announcement';
import type { ChangeFollower } from '@greenroom/ai-node';
import { bodyOf, happeningsOf } from './webhookEvents';

interface Listener {
  id: string;
  events: WebhookEvent[];
  model: string | null;
}

/**
 * Writes down what hooks are to be told of, in the transaction of the change: what is committed is
 * told, whatever happens to this process, and what is not is told to nobody.
 */
export const announceToWebhooks: ChangeFollower<Announcement> = async (
  tx,
  changes,
) => {
  const happenings = changes.flatMap(happeningsOf);
  if (happenings.length === 0) return;
  const models = [...new Set(happenings.map(({ model }) => model))];
  const listeners = await listenersTo(tx, {
    events: [...new Set(happenings.map(({ event }) => event))],
    models,
  });
  if (listeners.length === 0) return;
  const names = await externalNamesOf(tx, models);
  const at = new Date();
  await insertMany(tx, {
    table: 'webhook_deliveries',
    columns: { id: 'uuid', webhook: 'uuid', event: 'text', body: 'text' },
    rows: happenings.flatMap(({ event, model, data }) => {
      const body = bodyOf(event, { name: names.get(model), ...data }, at);
      return listeners
        .filter(
          hook =>
            hook.events.includes(event) &&
            (hook.model === null || hook.model === model),
        )
        .map(hook => ({ id: randomUUID(), webhook: hook.id, event, body }));
    }),
  });
};

/** They stay until the transaction ends: a hook that is deleted meanwhile fails no change. */
async function listenersTo(
  tx: Knex.Transaction,
  to: { events: WebhookEvent[]; models: string[] },
): Promise<Listener[]> {
  const { rows } = await tx.raw<{ rows: Listener[] }>(
    `select id, events, model from webhooks
     where status = 'ACTIVE' and events && ?::text[]
       and (model is null or model = any(?::text[]))
     order by id for key share`,
    [to.events, to.models],
  );
  return rows;
}

async function externalNamesOf(
  tx: Knex.Transaction,
  models: string[],
): Promise<Map<string, string>> {
  const rows: { name: string; external_name: string }[] = await tx('models')
    .whereIn('name', models)
    .select('name', 'external_name');
  return new Map(rows.map(row => [row.name, row.external_name]));
}
