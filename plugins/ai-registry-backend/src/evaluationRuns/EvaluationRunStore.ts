import { NotFoundError } from '@backstage/errors';
import type {
  Digest,
  PromptAnswer,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import {
  type EvaluationRunRecord,
  LEASE_MILLIS,
  RUNS_AT_ONCE,
} from './evaluationRun';
import { type RunRow, toRecord } from './runRow';
import type { RowResults } from './runResult';

const RUNS = 'evaluation_runs';
const ANSWERS = 'evaluation_run_answers';
const OPEN = ['queued', 'running'];
const DEFAULT_LIMIT = 50;

/** How a run ends. */
export type RunEnd =
  | { phase: 'done'; results: RowResults; answersDigest: Digest }
  | { phase: 'failed'; reason: string }
  | { phase: 'cancelled'; cancelledBy: string };

/** The tables `evaluation_runs` and `evaluation_run_answers`. */
export class EvaluationRunStore {
  readonly #knex: Knex;
  readonly #leaseMillis: number;

  constructor(options: { knex: Knex; leaseMillis?: number }) {
    this.#knex = options.knex;
    this.#leaseMillis = options.leaseMillis ?? LEASE_MILLIS;
  }

  /** Throws a NotFoundError when there is no such run. */
  async get(id: string, tx: Knex = this.#knex): Promise<EvaluationRunRecord> {
    const row: RunRow | undefined = await this.#select(tx)
      .where({ id })
      .first();
    if (!row) throw new NotFoundError(`There is no evaluation run '${id}'`);
    return toRecord(row);
  }

  /** Newest first. */
  async list(
    { model, version }: { model: string; version: number },
    { limit = DEFAULT_LIMIT }: { limit?: number } = {},
  ): Promise<EvaluationRunRecord[]> {
    const rows: RunRow[] = await this.#select(this.#knex)
      .where({ model, version })
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit);
    return rows.map(toRecord);
  }

  /** Those that ask the same, and were asked for since then; newest first. */
  async findSame(
    identity: string,
    since: Date,
    tx: Knex = this.#knex,
  ): Promise<EvaluationRunRecord[]> {
    const rows: RunRow[] = await this.#select(tx)
      .where({ identity })
      .where('created_at', '>=', since)
      .orderBy('created_at', 'desc')
      .limit(DEFAULT_LIMIT);
    return rows.map(toRecord);
  }

  /** All that have not ended; oldest first. */
  async listOpen(): Promise<EvaluationRunRecord[]> {
    const rows: RunRow[] = await this.#select(this.#knex)
      .whereIn('phase', OPEN)
      .orderBy('created_at');
    return rows.map(toRecord);
  }

  async countOpen(tx: Knex.Transaction, environment: string): Promise<number> {
    const row = await tx(RUNS)
      .where({ environment })
      .whereIn('phase', OPEN)
      .count('id as count')
      .first();
    return Number(row?.count);
  }

  /** One at a time makes runs that ask the same, or of one environment. */
  async lock(tx: Knex.Transaction, environment: string): Promise<void> {
    await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
      `evaluation-runs:${environment}`,
    ]);
  }

  async insert(
    tx: Knex.Transaction,
    run: Omit<EvaluationRunRecord, 'state'>,
  ): Promise<void> {
    await tx(RUNS).insert({
      id: run.id,
      model: run.model,
      version: run.version,
      environment: run.environment,
      dataset: run.dataset.name,
      dataset_version: run.dataset.version,
      dataset_digest: run.dataset.digest,
      scorers: JSON.stringify(run.scorers),
      rows: run.rows,
      identity: run.identity,
      phase: 'queued',
      requested_by: run.requestedBy,
      promotion_id: run.promotion,
      created_at: run.createdAt,
    });
  }

  /** Lets a run be nobody's but its own: no promotion takes it away with it. */
  async detach(tx: Knex.Transaction, id: string): Promise<void> {
    await tx(RUNS).where({ id }).update({ promotion_id: null });
  }

  /** Whether there is a run that a data plane of the environment could take. */
  async hasWork(environment: string): Promise<boolean> {
    const row = await this.#takeable(this.#knex, environment).first('id');
    return row !== undefined;
  }

  /**
   * Gives the oldest run that nobody has to a data plane, until it stops telling of it.
   *
   * @returns undefined when there is none, or the environment's data planes have enough to do
   */
  async take(
    environment: string,
    options: { lease: string; producer: string },
  ): Promise<EvaluationRunRecord | undefined> {
    return this.#knex.transaction(async tx => {
      await this.lock(tx, environment);
      const busy = await tx(RUNS)
        .where({ environment, phase: 'running' })
        .whereRaw('leased_until > clock_timestamp()')
        .count('id as count')
        .first();
      if (Number(busy?.count) >= RUNS_AT_ONCE) return undefined;
      const next = await this.#takeable(tx, environment)
        .orderBy('created_at')
        .first('id');
      if (!next) return undefined;
      await tx(RUNS)
        .where({ id: next.id })
        .update({
          phase: 'running',
          started_at: tx.raw('coalesce(started_at, clock_timestamp())'),
          lease: options.lease,
          leased_by: options.producer,
          leased_until: this.#leaseEnd(tx),
          leases: tx.raw('leases + 1'),
        });
      return this.get(next.id, tx);
    });
  }

  /**
   * @param isGettingOn - there is news: data planes that were lost before do not count any more
   * @returns false when the run is somebody else's by now, or has ended.
   */
  async renew(
    id: string,
    lease: string,
    isGettingOn: boolean,
  ): Promise<boolean> {
    const renewed = await this.#knex(RUNS)
      .where({ id, lease, phase: 'running' })
      .update({
        leased_until: this.#leaseEnd(this.#knex),
        ...(isGettingOn && { leases: 1 }),
      });
    return renewed > 0;
  }

  /** Keeps answers; a row that was told of stays as it was told first. */
  async addAnswers(
    id: string,
    answers: readonly PromptAnswer[],
  ): Promise<void> {
    if (answers.length === 0) return;
    await this.#knex(ANSWERS)
      .insert(
        answers.map(answer => ({
          run_id: id,
          row: answer.row,
          answer: JSON.stringify(answer),
        })),
      )
      .onConflict(['run_id', 'row'])
      .ignore();
  }

  /** In the order of the rows. */
  async listAnswers(id: string): Promise<PromptAnswer[]> {
    return this.#knex(ANSWERS)
      .where({ run_id: id })
      .orderBy('row')
      .pluck('answer');
  }

  /** Numbers of rows below `rows`, behind `after`, that nobody has told of; in order. */
  async missingRows(
    id: string,
    options: { rows: number; after: number; limit: number },
  ): Promise<number[]> {
    const { rows } = await this.#knex.raw<{ rows: { row: number }[] }>(
      `select wanted.row from generate_series(:first::int, :last::int) as wanted(row)
       where not exists (
         select from evaluation_run_answers as told
         where told.run_id = :id and told.row = wanted.row
       ) order by wanted.row limit :limit`,
      {
        id,
        first: options.after + 1,
        last: options.rows - 1,
        limit: options.limit,
      },
    );
    return rows.map(({ row }) => row);
  }

  /**
   * Ends a run that has not ended.
   *
   * @returns false when it had
   */
  async end(tx: Knex.Transaction, id: string, end: RunEnd): Promise<boolean> {
    const ended = await tx(RUNS)
      .where({ id })
      .whereIn('phase', OPEN)
      .update({
        phase: end.phase,
        reason: end.phase === 'failed' ? end.reason : null,
        cancelled_by: end.phase === 'cancelled' ? end.cancelledBy : null,
        results: end.phase === 'done' ? JSON.stringify(end.results) : null,
        answers_digest: end.phase === 'done' ? end.answersDigest : null,
        finished_at: tx.raw('clock_timestamp()'),
        lease: null,
        leased_until: null,
      });
    if (ended === 0) return false;
    await tx(ANSWERS).where({ run_id: id }).delete();
    return true;
  }

  #takeable(knex: Knex, environment: string): Knex.QueryBuilder {
    return (
      knex(RUNS)
        .where({ environment })
        .whereIn('phase', OPEN)
        .whereRaw('(leased_until is null or leased_until <= clock_timestamp())')
        // All told: what is left is no work of data planes.
        .whereRaw(
          '(select count(*) from evaluation_run_answers where run_id = evaluation_runs.id) < rows',
        )
    );
  }

  #leaseEnd(knex: Knex): Knex.Raw {
    return knex.raw(`clock_timestamp() + ? * interval '1 ms'`, [
      this.#leaseMillis,
    ]);
  }

  #select(knex: Knex): Knex.QueryBuilder {
    return knex(RUNS).select(
      `${RUNS}.*`,
      knex.raw(
        '(select count(*)::int from evaluation_run_answers where run_id = evaluation_runs.id) as done',
      ),
      knex.raw(
        'coalesce(leased_until > clock_timestamp(), false) as is_leased',
      ),
    );
  }
}
