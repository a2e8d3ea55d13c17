import { NotFoundError } from '@backstage/errors';
import type {
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookDeliveryState,
  WebhookEvent,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { decodeCursor, toPage } from '../paging/cursor';
import type { Outcome } from './HttpPoster';
import type { SealedSecret } from './SecretBox';
import { sealedOf } from './WebhookStore';

interface DeliveryRow {
  id: string;
  /** bigint arrives as text. */
  position: string;
  webhook: string;
  event: WebhookEvent;
  body: string;
  is_test: boolean;
  state: WebhookDeliveryState;
  attempts: number;
  due_at: Date;
  response_status: number | null;
  response_body: string | null;
  error: string | null;
  duration_millis: number | null;
  created_at: Date;
  finished_at: Date | null;
}

/** A delivery that this process tries now. */
export interface ClaimedDelivery {
  id: string;
  webhook: string;
  body: string;
  /** Tries, this one included. */
  attempts: number;
  /** How long it is still of use, in milliseconds. */
  leftMillis: number;
  lease: string;
  url: string;
  secret?: SealedSecret;
}

/** More than a try takes: one of a process that was killed is tried again after it. */
const LEASE_MILLIS = 30_000;
const DEFAULT_LIMIT = 50;
const KEEP_DAYS = 30;

/** Who hears, in the same transaction, that a hook is not delivered any more, or again. */
export interface DeliveryNotices {
  givenUp(
    tx: Knex.Transaction,
    delivery: { webhook: string; error: string },
  ): Promise<void>;
  delivered(tx: Knex.Transaction, webhook: string): Promise<void>;
}

/** The table of deliveries. */
export class DeliveryStore {
  readonly #knex: Knex;
  readonly #notices: DeliveryNotices | undefined;

  constructor(options: { knex: Knex; notices?: DeliveryNotices }) {
    this.#knex = options.knex;
    this.#notices = options.notices;
  }

  /**
   * Takes deliveries that are due, which no other process tries meanwhile.
   *
   * @param options.failing - of hooks whose last try failed, or of the others
   * @param options.perHook - most that are tried at once of one hook, by all processes
   */
  async claim(options: {
    limit: number;
    failing: boolean;
    perHook: number;
  }): Promise<ClaimedDelivery[]> {
    if (options.limit <= 0) return [];
    const { rows } = await this.#knex.raw<{
      rows: (Omit<ClaimedDelivery, 'secret' | 'leftMillis'> & {
        left_millis: number;
        secret: Buffer | null;
        secret_key: string | null;
      })[];
    }>(
      `with picked as materialized (
         select due.id, hook.url, hook.secret, hook.secret_key
         from webhooks as hook cross join lateral (
           select id, due_at from webhook_deliveries
           where webhook = hook.id and state = 'PENDING' and due_at <= clock_timestamp()
             and (leased_until is null or leased_until <= clock_timestamp())
           order by due_at
           limit greatest(0, :perHook - (
             select count(*) from webhook_deliveries
             where webhook = hook.id and state = 'PENDING' and leased_until > clock_timestamp()
           ))
           for update skip locked
         ) as due
         where hook.status = 'ACTIVE' and (hook.failures > 0) = :failing
         order by due.due_at limit :limit
       )
       update webhook_deliveries as d
       set lease = :lease, attempts = attempts + 1,
         leased_until = clock_timestamp() + :leaseMillis * interval '1 ms'
       from picked where d.id = picked.id
       returning d.id, d.webhook, d.body, d.attempts, d.lease, picked.url, picked.secret, picked.secret_key,
         (extract(epoch from d.expires_at - clock_timestamp()) * 1000)::float8 as left_millis`,
      { ...options, lease: randomUUID(), leaseMillis: LEASE_MILLIS },
    );
    return rows.map(
      ({ left_millis: leftMillis, secret, secret_key, ...row }) => ({
        ...row,
        leftMillis,
        secret: sealedOf({ secret, secret_key }),
      }),
    );
  }

  /** Remembers what became of a try; `againMillis` of one that failed says when the next one is. */
  async finish(
    claim: ClaimedDelivery,
    outcome: Outcome,
    againMillis?: number,
  ): Promise<void> {
    const isDelivered = outcome.error === undefined;
    const isOver = isDelivered || againMillis === undefined;
    await this.#knex.transaction(async tx => {
      // The hook before its deliveries, in the order of whoever deletes it.
      const hook = await tx('webhooks')
        .where({ id: claim.webhook })
        .forNoKeyUpdate()
        .first('failures');
      if (!hook) return;
      const mine = await tx('webhook_deliveries')
        .where({ id: claim.id, lease: claim.lease })
        .update({
          ...columnsOf(outcome),
          ...(isOver
            ? {
                state: isDelivered ? 'DELIVERED' : 'FAILED',
                finished_at: tx.raw('clock_timestamp()'),
              }
            : {
                due_at: tx.raw(`clock_timestamp() + ? * interval '1 ms'`, [
                  againMillis,
                ]),
              }),
          lease: null,
          leased_until: null,
        });
      // Another process has taken it over, and says itself how the hook is.
      if (mine === 0) return;
      if (outcome.error !== undefined && isOver) {
        const { error } = outcome;
        await this.#notices?.givenUp(tx, { webhook: claim.webhook, error });
      } else if (isDelivered && hook.failures > 0) {
        await this.#notices?.delivered(tx, claim.webhook);
      }
      const failures = isDelivered ? 0 : hook.failures + 1;
      if (failures === hook.failures) return;
      await tx('webhooks').where({ id: claim.webhook }).update({ failures });
    });
  }

  /** Leaves it to others, as if it had not been tried. */
  async giveBack(claim: ClaimedDelivery): Promise<void> {
    await this.#knex('webhook_deliveries')
      .where({ id: claim.id, lease: claim.lease })
      .update({
        attempts: this.#knex.raw('attempts - 1'),
        lease: null,
        leased_until: null,
      });
  }

  /** Writes down one that somebody has tried already. */
  async addTest(test: {
    id: string;
    webhook: string;
    event: WebhookEvent;
    body: string;
    outcome: Outcome;
  }): Promise<void> {
    const { outcome, ...fields } = test;
    await this.#knex('webhook_deliveries').insert({
      ...fields,
      ...columnsOf(outcome),
      is_test: true,
      attempts: 1,
      state: outcome.error === undefined ? 'DELIVERED' : 'FAILED',
      finished_at: this.#knex.raw('clock_timestamp()'),
    });
  }

  /** The newest first. */
  async list(
    webhook: string,
    query: WebhookDeliveryQuery,
  ): Promise<{ items: WebhookDelivery[]; nextCursor?: string }> {
    const { limit = DEFAULT_LIMIT, cursor, state } = query;
    const found = this.#knex<DeliveryRow>('webhook_deliveries')
      .where({ webhook, ...(state && { state }) })
      .orderBy('position', 'desc')
      .limit(limit + 1);
    if (cursor !== undefined) {
      found.where('position', '<', decodeCursor(cursor, 'digits'));
    }
    const { rows, nextCursor } = toPage(await found, limit, row =>
      String(row.position),
    );
    return {
      items: rows.map(toDelivery),
      ...(nextCursor !== undefined && { nextCursor }),
    };
  }

  /**
   * Has a delivery sent once more, under the id that it has.
   *
   * @throws NotFoundError when the hook has no such delivery
   */
  async replay(
    tx: Knex.Transaction,
    ref: { webhook: string; id: string },
  ): Promise<WebhookDelivery> {
    const [row]: DeliveryRow[] = await tx<DeliveryRow>('webhook_deliveries')
      .where(ref)
      .update({
        state: 'PENDING',
        attempts: 0,
        due_at: tx.raw('clock_timestamp()'),
        finished_at: null,
        ...({
          expires_at: tx.raw(`clock_timestamp() + interval '1 day'`),
          lease: null,
          leased_until: null,
        } as object),
      })
      .returning('*');
    if (!row) {
      throw new NotFoundError(
        `The web hook has no delivery '${ref.id}': they are kept for ${KEEP_DAYS} days`,
      );
    }
    return toDelivery(row);
  }

  /**
   * Drops the oldest of those that wait, where too many do, and what is too old to be remembered.
   *
   * @returns how many were dropped that nobody has been told of
   */
  async tidy(most: { waiting: number; kept: number }): Promise<number> {
    const { rows } = await this.#knex.raw<{ rows: { dropped: string }[] }>(
      `with held as materialized (
         select id from webhooks order by id for no key update skip locked
       ), gone as (
         delete from webhook_deliveries where id in (
           select over.id from held as hook cross join lateral (
             select id from webhook_deliveries
             where webhook = hook.id and state = 'PENDING' and lease is null
             order by position desc offset :waiting for update skip locked
           ) as over
         ) returning webhook
       ), counted as (
         select webhook, count(*) as dropped from gone group by webhook
       ), told as (
         update webhooks set dropped = webhooks.dropped + counted.dropped
         from counted where webhooks.id = counted.webhook
       )
       select coalesce(sum(dropped), 0) as dropped from counted`,
      most,
    );
    await this.#knex.raw(
      `delete from webhook_deliveries where id in (
         select over.id from webhooks as hook cross join lateral (
           select id from webhook_deliveries
           where webhook = hook.id and state <> 'PENDING'
           order by position desc offset :kept for update skip locked
         ) as over
       )`,
      most,
    );
    await this.#knex('webhook_deliveries')
      .whereRaw(`created_at < clock_timestamp() - ? * interval '1 day'`, [
        KEEP_DAYS,
      ])
      .whereNot({ state: 'PENDING' })
      .delete();
    // Those of hooks that are disabled, above all.
    await this.#knex('webhook_deliveries')
      .where({ state: 'PENDING' })
      .whereNull('lease')
      .whereRaw('expires_at < clock_timestamp()')
      .update({
        state: 'FAILED',
        error: 'It could not be sent within a day',
        finished_at: this.#knex.raw('clock_timestamp()'),
      });
    return Number(rows[0].dropped);
  }
}

function columnsOf({ status, answer, error, durationMillis }: Outcome) {
  return {
    response_status: status ?? null,
    response_body: answer ?? null,
    error: error ?? null,
    duration_millis: durationMillis,
  };
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    event: row.event,
    isTest: row.is_test,
    state: row.state,
    attempts: row.attempts,
    ...(row.state === 'PENDING' && { dueAt: row.due_at.toISOString() }),
    responseStatus: row.response_status ?? undefined,
    responseBody: row.response_body ?? undefined,
    error: row.error ?? undefined,
    durationMillis: row.duration_millis ?? undefined,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString(),
    body: row.body,
  };
}
