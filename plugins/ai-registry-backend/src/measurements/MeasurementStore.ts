import { NotFoundError } from '@backstage/errors';
import type {
  Digest,
  MeasurementQuestion,
  MeasurementResult,
  MeasurementState,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { MeasurementEnd, MeasurementRecord, Phase } from './measurement';

const TABLE = 'measurements';
const OPEN: Phase[] = ['queued', 'running'];
const DEFAULT_LIMIT = 50;
/** Of each version, whatever they came to; more where something refers to them. */
export const MOST_KEPT = 100;
/** Without the values per row. */
const COLUMNS = [
  'id',
  'model',
  'version',
  'dataset',
  'dataset_version',
  'dataset_digest',
  'rows',
  'question',
  'identity',
  'phase',
  'reason',
  'cancelled_by',
  'requested_by',
  'promotion_id',
  'comparison',
  'created_at',
  'started_at',
  'finished_at',
  'done',
  'attempts',
  'result',
];

interface MeasurementRow {
  id: string;
  model: string;
  version: number;
  dataset: string;
  dataset_version: number;
  dataset_digest: Digest;
  rows: number;
  question: Omit<MeasurementQuestion, 'dataset'>;
  identity: string;
  phase: Phase;
  reason: string | null;
  cancelled_by: string | null;
  requested_by: string;
  promotion_id: string | null;
  comparison: MeasurementRecord['comparison'] | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  done: number;
  attempts: number;
  result: MeasurementResult | null;
}

/** The table `measurements`. */
export class MeasurementStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Throws a NotFoundError when there is no such measurement. */
  async get(id: string, tx: Knex = this.#knex): Promise<MeasurementRecord> {
    const row: MeasurementRow | undefined = await tx(TABLE)
      .where({ id })
      .first(...COLUMNS);
    if (!row) throw new NotFoundError(`There is no measurement '${id}'`);
    return toRecord(row);
  }

  /** Newest first. */
  async list(
    { model, version }: { model: string; version: number },
    { limit = DEFAULT_LIMIT }: { limit?: number } = {},
  ): Promise<MeasurementRecord[]> {
    const rows: MeasurementRow[] = await this.#knex(TABLE)
      .where({ model, version })
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .select(...COLUMNS);
    return rows.map(toRecord);
  }

  /** Those that ask the same; newest first. */
  async findSame(
    identity: string,
    tx: Knex = this.#knex,
  ): Promise<MeasurementRecord[]> {
    const rows: MeasurementRow[] = await tx(TABLE)
      .where({ identity })
      .orderBy('created_at', 'desc')
      .limit(DEFAULT_LIMIT)
      .select(...COLUMNS);
    return rows.map(toRecord);
  }

  /** Whether somebody was asked whether they may, and no gate wanted it. */
  async wasAskedForByHand(place: {
    model: string;
    dataset: string;
  }): Promise<boolean> {
    const row = await this.#knex(TABLE)
      .where(place)
      .whereNull('promotion_id')
      .first('id');
    return row !== undefined;
  }

  /** By row of those with a truth, of the metric that decides; undefined where there are none. */
  async perRow(id: string): Promise<number[] | undefined> {
    const row = await this.#knex(TABLE).where({ id }).first('per_row');
    return row?.per_row ?? undefined;
  }

  async countOpen(tx: Knex.Transaction): Promise<number> {
    const row = await tx(TABLE)
      .whereIn('phase', OPEN)
      .count('id as count')
      .first();
    return Number(row?.count);
  }

  /** One at a time asks for measurements: nobody makes the same one twice. */
  async lock(tx: Knex.Transaction): Promise<void> {
    await tx.raw(
      `select pg_advisory_xact_lock(hashtextextended('measurements', 0))`,
    );
  }

  async insert(
    tx: Knex.Transaction,
    record: Omit<MeasurementRecord, 'state'>,
  ): Promise<void> {
    const { target, features, slices, primary, positive } = record;
    const question: MeasurementRow['question'] = {
      target,
      features,
      slices,
      protected: record.protected,
      primary,
      positive,
    };
    await tx(TABLE).insert({
      id: record.id,
      model: record.model,
      version: record.version,
      dataset: record.dataset.name,
      dataset_version: record.dataset.version,
      dataset_digest: record.dataset.digest,
      rows: record.rows,
      question: JSON.stringify(question),
      identity: record.identity,
      phase: 'queued',
      requested_by: record.requestedBy,
      promotion_id: record.promotion,
      comparison: record.comparison && JSON.stringify(record.comparison),
      created_at: record.createdAt,
    });
  }

  /**
   * Removes those of a version that are older than its newest {@link MOST_KEPT} and that nothing refers to: no promotion
   * asked for them, no evaluation is theirs, none is compared with them. The last one that somebody asked for by hand on a
   * dataset stays, too: that lets gates measure on it.
   */
  async prune(
    tx: Knex.Transaction,
    { model, version }: { model: string; version: number },
  ): Promise<void> {
    await tx.raw(
      `delete from measurements m using (
         select id from measurements where model = ? and version = ?
         order by created_at desc, id offset ?) old
       where m.id = old.id and m.phase in ('done', 'failed', 'cancelled') and m.promotion_id is null
         and not exists (
           select from version_evaluations e
           where e.model = m.model and e.version = m.version and e.measured->>'measurement' = m.id::text)
         and not exists (
           select from measurements c where c.model = m.model and c.comparison->>'measurement' = m.id::text)
         and exists (
           select from measurements n
           where n.model = m.model and n.dataset = m.dataset and n.promotion_id is null and n.created_at > m.created_at)`,
      [model, version, MOST_KEPT],
    );
  }

  /** What it is compared with from now on. */
  async setComparison(
    tx: Knex.Transaction,
    id: string,
    comparison: NonNullable<MeasurementRecord['comparison']>,
  ): Promise<void> {
    await tx(TABLE)
      .where({ id })
      .update({ comparison: JSON.stringify(comparison) });
  }

  /** Lets it be nobody's but its own: no promotion takes it away with it. */
  async detach(tx: Knex.Transaction, id: string): Promise<void> {
    await tx(TABLE).where({ id }).update({ promotion_id: null });
  }

  /**
   * Begins it, from the first row on.
   *
   * @param attempt - proves from now on that who writes is who began it last
   * @returns how many times it was begun; undefined when it has ended
   */
  async begin(id: string, attempt: string): Promise<number | undefined> {
    const [begun] = await this.#knex(TABLE)
      .where({ id })
      .whereIn('phase', OPEN)
      .update({
        phase: 'running',
        started_at: this.#knex.raw('coalesce(started_at, clock_timestamp())'),
        attempt,
        attempts: this.#knex.raw('attempts + 1'),
        done: 0,
      })
      .returning<{ attempts: number }[]>('attempts');
    return begun?.attempts;
  }

  /** @returns false when somebody else has begun it since, or it has ended */
  async advance(id: string, attempt: string, done: number): Promise<boolean> {
    const changed = await this.#knex(TABLE)
      .where({ id, attempt, phase: 'running' })
      .update({ done });
    return changed > 0;
  }

  /**
   * @param attempt - who began it; undefined for who may end it whoever works on it
   * @returns false when it has ended already, or somebody else has begun it since
   */
  async end(
    tx: Knex.Transaction,
    id: string,
    end: MeasurementEnd,
    attempt?: string,
  ): Promise<boolean> {
    const changed = await tx(TABLE)
      .where({ id, ...(attempt !== undefined && { attempt }) })
      .whereIn('phase', OPEN)
      .update({
        phase: end.phase,
        finished_at: tx.raw('clock_timestamp()'),
        ...(end.phase === 'failed' && { reason: end.reason }),
        ...(end.phase === 'cancelled' && { cancelled_by: end.cancelledBy }),
        ...(end.phase === 'done' && {
          result: JSON.stringify(end.result),
          per_row: end.perRow,
        }),
      });
    return changed > 0;
  }
}

function toRecord(row: MeasurementRow): MeasurementRecord {
  return {
    ...row.question,
    id: row.id,
    model: row.model,
    version: row.version,
    dataset: {
      name: row.dataset,
      version: row.dataset_version,
      digest: row.dataset_digest,
    },
    rows: row.rows,
    identity: row.identity,
    state: toState(row),
    requestedBy: row.requested_by,
    ...(row.promotion_id !== null && { promotion: row.promotion_id }),
    ...(row.comparison && { comparison: row.comparison }),
    createdAt: row.created_at.toISOString(),
  };
}

function toState(row: MeasurementRow): MeasurementState {
  const finishedAt = row.finished_at?.toISOString() ?? '';
  switch (row.phase) {
    case 'queued':
      return { phase: 'queued' };
    case 'running':
      return {
        phase: 'running',
        startedAt: row.started_at?.toISOString() ?? '',
        done: row.done,
        of: row.rows,
      };
    case 'done':
      return { phase: 'done', finishedAt, result: row.result! };
    case 'failed':
      return { phase: 'failed', finishedAt, reason: row.reason ?? '' };
    default:
      return {
        phase: 'cancelled',
        finishedAt,
        cancelledBy: row.cancelled_by ?? '',
      };
  }
}
