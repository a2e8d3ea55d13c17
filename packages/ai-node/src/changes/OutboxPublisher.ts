import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Knex } from 'knex';
import { insertMany } from '../database/insertMany';
import { OUTBOX_TABLE } from './tables';

const BATCH_SIZE = 100;
/** What waits longer is no news any more: whoever it was for has looked by itself. */
const KEEP_MILLIS = 24 * 60 * 60_000;
/** About as many as a busy day has; so many rows are some tens of megabytes. */
const MOST_WAITING = 100_000;

export interface OutboxPublisherOptions<Announcement extends object> {
  knex: Knex;
  /** Tells it to everybody who waits for it; throws when it could not be told. */
  send(announcement: Announcement): Promise<void>;
  logger: LoggerService;
  /** Announcements that may wait while they cannot be sent. */
  mostWaiting?: number;
  /** How long one may wait while it cannot be sent, in milliseconds. */
  keepMillis?: number;
}

interface OutboxRow<Announcement> {
  /** bigint arrives as text. */
  id: string;
  announcement: Announcement;
  at: Date;
  attempts: number;
}

/**
 * Sends what committed changes left in the outbox.
 *
 * @remarks
 *
 * Each announcement is sent at least once: a crash between sending and forgetting sends it again.
 * One that cannot be sent goes behind those that were tried less often, so that it holds up none.
 * Announcements are hints, the tables are the truth: of those that wait together and say the same, one is sent, and while the bus is away the oldest are dropped
 * rather than kept without end.
 */
export class OutboxPublisher<Announcement extends object> {
  readonly #options: OutboxPublisherOptions<Announcement>;

  constructor(options: OutboxPublisherOptions<Announcement>) {
    this.#options = options;
  }

  /**
   * Sends everything that waits, each at most once; processes share the work.
   *
   * @throws what the first failure threw, after all others were tried
   */
  async publishPending(signal?: AbortSignal): Promise<void> {
    let failure: unknown;
    let hasFailed = false;
    for (;;) {
      if (signal?.aborted) break;
      const { tried, failures } = await this.#publishBatch();
      if (failures.length > 0 && !hasFailed) {
        hasFailed = true;
        [failure] = failures;
      }
      // Where all of them failed, more would, too.
      if (tried < BATCH_SIZE || failures.length === tried) break;
    }
    if (!hasFailed) return;
    await this.#forgetOld();
    throw toError(failure);
  }

  async #publishBatch(): Promise<{ tried: number; failures: unknown[] }> {
    const { knex, send } = this.#options;
    return knex.transaction(async tx => {
      const { rows } = await tx.raw<{ rows: OutboxRow<Announcement>[] }>(
        `delete from outbox where id in (
           select id from outbox order by attempts, id limit ? for update skip locked
         ) returning *`,
        [BATCH_SIZE],
      );
      rows.sort(
        (one, other) =>
          one.attempts - other.attempts || Number(one.id) - Number(other.id),
      );
      const failures: unknown[] = [];
      const failed: OutboxRow<Announcement>[] = [];
      for (const row of withoutRepetitions(rows)) {
        try {
          await send(row.announcement);
        } catch (error) {
          failures.push(error);
          failed.push({ ...row, attempts: row.attempts + 1 });
        }
      }
      await insertMany(tx, {
        table: OUTBOX_TABLE,
        columns: {
          id: 'bigint',
          announcement: 'jsonb',
          at: 'timestamptz',
          attempts: 'integer',
        },
        rows: failed,
      });
      return { tried: rows.length, failures };
    });
  }

  async #forgetOld(): Promise<void> {
    const {
      knex,
      logger,
      mostWaiting = MOST_WAITING,
      keepMillis = KEEP_MILLIS,
    } = this.#options;
    const forgotten: number = await knex(OUTBOX_TABLE)
      .whereRaw(`at < clock_timestamp() - ? * interval '1 ms'`, [keepMillis])
      .orWhereRaw(
        'id <= (select id from outbox order by id desc offset ? limit 1)',
        [mostWaiting],
      )
      .delete();
    if (forgotten > 0) {
      logger.warn(
        `${forgotten} announcements were dropped because they could not be sent: open pages and other plugins see the changes when they look next`,
      );
    }
  }
}

/** The first of those that say the same: what it tells of was committed for all of them. */
function withoutRepetitions<Announcement>(
  rows: OutboxRow<Announcement>[],
): OutboxRow<Announcement>[] {
  const said = new Set<string>();
  return rows.filter(({ announcement }) => {
    const text = JSON.stringify(announcement);
    return !said.has(text) && said.add(text);
  });
}
