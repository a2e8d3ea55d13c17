import { ConflictError, NotFoundError } from '@backstage/errors';
import type { PromotionQuery } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { PromotionRecord } from './promotion';

const PROMOTIONS = 'promotions';
const WORK = 'promotion_work';
const ENDED_PHASES = ['merged', 'closed', 'failed'];
const DEFAULT_LIMIT = 50;

/** Somebody else changed the promotion since it was read: read it again. */
export class StalePromotionError extends ConflictError {}

/** The `promotions` table, and `promotion_work`: which of them have a step to take. */
export class PromotionStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<PromotionRecord> {
    const row = await this.#knex(PROMOTIONS).where({ id }).first('record');
    if (!row) throw new NotFoundError(`There is no promotion '${id}'`);
    return row.record;
  }

  async findByChangeRequest(
    number: number,
  ): Promise<PromotionRecord | undefined> {
    const row = await this.#knex(PROMOTIONS)
      .where({ change_request: number })
      .first('record');
    return row?.record;
  }

  /** Newest first. */
  async list(query: PromotionQuery): Promise<PromotionRecord[]> {
    const { model, environment, open, limit = DEFAULT_LIMIT } = query;
    const rows = this.#knex(PROMOTIONS)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .select('record');
    if (model) rows.where({ model });
    if (environment) rows.where({ environment });
    if (open === true) rows.whereNotIn('phase', ENDED_PHASES);
    if (open === false) rows.whereIn('phase', ENDED_PHASES);
    return (await rows).map(row => row.record);
  }

  /** Those for a place that have neither been merged nor closed; oldest first. */
  async unfinished(
    place: { model: string; environment: string },
    tx: Knex = this.#knex,
  ): Promise<PromotionRecord[]> {
    const { model, environment } = place;
    const rows = await tx(PROMOTIONS)
      .where({ model, environment })
      .whereNotIn('phase', ['merged', 'closed'])
      .orderBy('created_at')
      .select('record');
    return rows.map(row => row.record);
  }

  /** The last merged promotion that made the environment run the version. */
  async lastMerged(place: {
    model: string;
    environment: string;
    version: number;
  }): Promise<PromotionRecord | undefined> {
    const row = await this.#knex(PROMOTIONS)
      .where({ ...place, phase: 'merged', kind: 'promotion' })
      .orderBy('updated_at', 'desc')
      .first('record');
    return row?.record;
  }

  /** Lets one request at a time open promotions for this model and environment. */
  async lockPlace(
    tx: Knex.Transaction,
    place: { model: string; environment: string },
  ): Promise<void> {
    await tx.raw(`select pg_advisory_xact_lock(hashtextextended(?, 0))`, [
      `promotion:${place.environment}/${place.model}`,
    ]);
  }

  async insert(tx: Knex.Transaction, record: PromotionRecord): Promise<void> {
    await tx(PROMOTIONS).insert({
      id: record.id,
      kind: record.kind,
      model: record.model,
      version: record.version,
      environment: record.environment,
      created_at: record.createdAt,
      ...toColumns(record),
    });
  }

  /**
   * Writes a changed promotion.
   *
   * @returns it with its new revision
   * @throws StalePromotionError when it is not the revision that was read
   */
  async save(
    tx: Knex.Transaction,
    record: PromotionRecord,
  ): Promise<PromotionRecord> {
    const saved = { ...record, revision: record.revision + 1 };
    const count = await tx(PROMOTIONS)
      .where({ id: record.id, revision: record.revision })
      .update(toColumns(saved));
    if (count === 0) {
      throw new StalePromotionError(
        `Promotion '${record.id}' was changed by somebody else at the same time: look at it again`,
      );
    }
    return saved;
  }

  /** Says that the promotion has something to do now. */
  async enqueue(tx: Knex.Transaction, id: string): Promise<void> {
    await tx(WORK)
      .insert({ promotion_id: id, due_at: tx.raw('clock_timestamp()') })
      .onConflict('promotion_id')
      .merge();
  }

  /**
   * Takes the promotion that has waited longest, works on it, and remembers when
   * there is more to do: never, when `work` returns undefined. Nobody else takes it
   * meanwhile; the lock ends with the process.
   *
   * @returns false when nothing is due that nobody works on
   */
  async workOnNext(
    work: (id: string) => Promise<Date | undefined>,
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const claimed = await this.#claim(tx);
      if (!claimed) return false;
      const { id, dueAt } = claimed;
      const again = await work(id);
      // Whoever asked for more meanwhile has moved `due_at`.
      const row = tx(WORK).where({ promotion_id: id });
      row.whereRaw('due_at = ?::timestamptz', [dueAt]);
      await (again ? row.update({ due_at: again }) : row.delete());
      return true;
    });
  }

  /** The row itself stays free, so that asking for more work never waits for work. */
  async #claim(
    tx: Knex.Transaction,
  ): Promise<{ id: string; dueAt: string } | undefined> {
    const due = await tx(WORK)
      .where('due_at', '<=', tx.raw('clock_timestamp()'))
      .orderBy('due_at')
      .pluck('promotion_id');
    for (const id of due) {
      const { rows } = await tx.raw(
        `select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as locked`,
        [`promotion-work:${id}`],
      );
      // Another worker may have finished it since it was listed.
      const row = await tx(WORK)
        .where({ promotion_id: id })
        .where('due_at', '<=', tx.raw('clock_timestamp()'))
        .first(tx.raw('due_at::text as due_at'));
      if (rows[0].locked && row) return { id, dueAt: row.due_at };
    }
    return undefined;
  }

  /** Differs whenever a promotion has changed. */
  async changeToken(): Promise<string> {
    const row = await this.#knex(PROMOTIONS)
      .sum('revision as changes')
      .count('id as count')
      .first();
    return `${row?.count}/${row?.changes}`;
  }
}

function toColumns(record: PromotionRecord) {
  return {
    phase: record.state.phase,
    change_request: record.changeRequest?.number ?? null,
    revision: record.revision,
    record: JSON.stringify(record),
    updated_at: record.updatedAt,
  };
}
