import { NotFoundError } from '@backstage/errors';
import type {
  Webhook,
  WebhookEvent,
  WebhookStatus,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { SealedSecret } from './SecretBox';

export interface WebhookRow {
  id: string;
  name: string;
  description: string;
  url: string;
  events: WebhookEvent[];
  model: string | null;
  status: WebhookStatus;
  disabled_because: string | null;
  secret: Buffer | null;
  secret_key: string | null;
  failures: number;
  /** bigint arrives as text. */
  dropped: string;
  created_at: Date;
  created_by: string;
  updated_at: Date;
}

/** What is said of a hook. */
export interface WebhookFields {
  name: string;
  description: string;
  url: string;
  events: WebhookEvent[];
  status: WebhookStatus;
  /** null: there is none. */
  secret: SealedSecret | null;
}

/** The table of hooks. */
export class WebhookStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** The oldest first. */
  async list(): Promise<Webhook[]> {
    const rows = await this.#knex<WebhookRow>('webhooks').orderBy([
      'created_at',
      'id',
    ]);
    return rows.map(toWebhook);
  }

  /** @throws NotFoundError */
  async get(id: string, tx: Knex = this.#knex): Promise<Webhook> {
    return toWebhook(await this.#getRow(id, tx));
  }

  /** Where a hook's deliveries go, with the secret as it is kept; @throws NotFoundError */
  async getReceiver(
    id: string,
  ): Promise<{ url: string; secret?: SealedSecret }> {
    const row = await this.#getRow(id, this.#knex);
    return { url: row.url, secret: sealedOf(row) };
  }

  /** Nobody makes another one until the transaction ends. */
  async countLocked(tx: Knex.Transaction): Promise<number> {
    await tx.raw('lock table webhooks in share row exclusive mode');
    const [{ count }] = await tx('webhooks').count<[{ count: string }]>();
    return Number(count);
  }

  async insert(
    tx: Knex.Transaction,
    hook: WebhookFields & { id: string; model?: string; createdBy: string },
  ): Promise<void> {
    const { id, model, createdBy, ...fields } = hook;
    await tx('webhooks').insert({
      id,
      model,
      created_by: createdBy,
      ...toColumns(fields),
    });
  }

  async lock(tx: Knex.Transaction, id: string): Promise<Webhook> {
    const row = await tx<WebhookRow>('webhooks')
      .where({ id })
      .forNoKeyUpdate()
      .first();
    if (!row) throw notFound(id);
    return toWebhook(row);
  }

  async update(
    tx: Knex.Transaction,
    id: string,
    fields: Partial<WebhookFields>,
  ): Promise<void> {
    await tx('webhooks')
      .where({ id })
      .update({
        ...toColumns(fields),
        // Whoever says how it is has looked at it.
        ...(fields.status !== undefined && { disabled_because: null }),
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /**
   * Disables those of a model that are active, and remembers why.
   *
   * @returns their ids
   */
  async pauseOfModel(
    tx: Knex.Transaction,
    model: string,
    because: string,
  ): Promise<string[]> {
    // In one order with others who lock several.
    const rows = await tx<WebhookRow>('webhooks')
      .where({ model, status: 'ACTIVE' })
      .orderBy('id')
      .forNoKeyUpdate()
      .select('id');
    const ids = rows.map(({ id }) => id);
    await tx('webhooks')
      .whereIn('id', ids)
      .update({
        status: 'DISABLED',
        disabled_because: because,
        updated_at: tx.raw('clock_timestamp()'),
      });
    return ids;
  }

  async delete(tx: Knex.Transaction, id: string): Promise<void> {
    await tx('webhooks').where({ id }).delete();
  }

  async #getRow(id: string, tx: Knex): Promise<WebhookRow> {
    const row = await tx<WebhookRow>('webhooks').where({ id }).first();
    if (!row) throw notFound(id);
    return row;
  }
}

function notFound(id: string): NotFoundError {
  return new NotFoundError(`There is no web hook '${id}'`);
}

export function sealedOf(
  row: Pick<WebhookRow, 'secret' | 'secret_key'>,
): SealedSecret | undefined {
  return row.secret === null || row.secret_key === null
    ? undefined
    : { sealed: row.secret, keyId: row.secret_key };
}

function toColumns({ secret, ...fields }: Partial<WebhookFields>) {
  return {
    ...fields,
    ...(secret !== undefined && {
      secret: secret?.sealed ?? null,
      secret_key: secret?.keyId ?? null,
    }),
  };
}

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    url: row.url,
    events: row.events,
    ...(row.model !== null && { model: row.model }),
    status: row.status,
    ...(row.disabled_because !== null && {
      disabledBecause: row.disabled_because,
    }),
    hasSecret: row.secret !== null,
    failures: row.failures,
    dropped: Number(row.dropped),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}
