import { ConflictError, NotFoundError } from '@backstage/errors';
import { WorkQueue } from '@greenroom/ai-node';
import type { PromotionQuery } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { DECIDED_PHASES, type PromotionRecord } from './promotion';

const PROMOTIONS = 'promotions';
const DEFAULT_LIMIT = 50;

/** Somebody else changed the promotion since it was read: read it again. */
export class StalePromotionError extends ConflictError {}

/** The `promotions` table, and `promotion_work`: which of them have a step to take. */
export class PromotionStore {
  readonly #knex: Knex;
  /** Promotions with a step to take. */
  readonly work: WorkQueue;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
    this.work = new WorkQueue({
      knex: options.knex,
      table: 'promotion_work',
      key: 'promotion_id',
    });
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

  /** By the number of the change request. */
  async ofChangeRequests(
    numbers: number[],
  ): Promise<Map<number, PromotionRecord>> {
    if (numbers.length === 0) return new Map();
    const rows = await this.#knex(PROMOTIONS)
      .whereRaw('change_request = any(?)', [numbers])
      .select('change_request', 'record');
    return new Map(rows.map(row => [row.change_request, row.record]));
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
    if (open === true) rows.whereNotIn('phase', DECIDED_PHASES);
    if (open === false) rows.whereIn('phase', DECIDED_PHASES);
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
      .whereNotIn('phase', ['rolling-out', 'completed', 'closed'])
      .orderBy('created_at')
      .select('record');
    return rows.map(row => row.record);
  }

  /** Of these models: those that have neither been closed nor completed; newest first. */
  async listUnderWay(models: string[]): Promise<PromotionRecord[]> {
    const rows = await this.#knex(PROMOTIONS)
      .whereRaw('model = any(?)', [models])
      .whereNotIn('phase', ['completed', 'closed'])
      .orderBy('created_at', 'desc')
      .orderBy('id')
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
      .where({ ...place, kind: 'promotion' })
      .whereIn('phase', ['rolling-out', 'completed'])
      .orderBy('updated_at', 'desc')
      .first('record');
    return row?.record;
  }

  /** The last one that was merged to make the environment run the version. */
  async lastTo(place: {
    model: string;
    environment: string;
    version: number;
  }): Promise<PromotionRecord | undefined> {
    const { model, environment, version } = place;
    const row = await this.#knex(PROMOTIONS)
      .where({ model, environment, version })
      .whereIn('phase', ['rolling-out', 'completed'])
      .orderBy('created_at', 'desc')
      .first('record');
    return row?.record;
  }

  /**
   * Promotions with a change request of whose newest revision the Git host was not told, with what it was told before;
   * oldest change first.
   */
  async untold(options: {
    limit: number;
    /** Ids that are left out. */
    except: string[];
  }): Promise<{ promotion: PromotionRecord; told: Record<string, string> }[]> {
    const rows = await this.#knex(PROMOTIONS)
      .whereRaw('told_revision is distinct from revision')
      .whereNotNull('change_request')
      .whereNotIn('id', options.except)
      .orderBy('updated_at')
      .limit(options.limit)
      .select('record', 'told_checks');
    return rows.map(row => ({
      promotion: row.record,
      told: row.told_checks,
    }));
  }

  /** Notes what the Git host was told of this revision. */
  async noteTold(
    { id, revision }: PromotionRecord,
    told: Record<string, string>,
  ): Promise<void> {
    await this.#knex(PROMOTIONS)
      .where({ id })
      .update({ told_revision: revision, told_checks: JSON.stringify(told) });
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
  enqueue(tx: Knex.Transaction, id: string): Promise<void> {
    return this.work.enqueue(tx, id);
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
    version: record.version,
    phase: record.state.phase,
    change_request: record.changeRequest?.number ?? null,
    revision: record.revision,
    record: JSON.stringify(record),
    updated_at: record.updatedAt,
  };
}
