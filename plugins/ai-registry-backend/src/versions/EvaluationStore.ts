import type {
  Evaluation,
  EvaluationSlice,
  EvaluationSummary,
  MeasuredHere,
  MetricSpread,
  VersionEvaluation,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { VersionRef } from './VersionService';

interface EvaluationRow {
  /** bigint arrives as text. */
  id: string;
  evaluation: EvaluationSummary;
  per_row: number[] | null;
  slices: EvaluationSlice[] | null;
  measured: MeasuredHere | null;
  added_at: Date;
  added_by: string;
}

interface SpreadRow extends Omit<MetricSpread, 'isShare'> {
  version: number;
  is_share: boolean;
}

/** Evaluations of more rows are drawn without an interval: too much to add up whenever a page is opened. */
const SPREAD_ROWS = 20_000;

/** The table `version_evaluations`. */
export class EvaluationStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Newest first. */
  async list({ model, version }: VersionRef): Promise<VersionEvaluation[]> {
    const rows: EvaluationRow[] = await this.#knex('version_evaluations')
      .where({ model, version })
      .orderBy('id', 'desc');
    return rows.map(toEvaluation);
  }

  /**
   * The newest by each metric that decides, on the same rows; newest first.
   *
   * @param digest - of the rows; those of the newest evaluation when it is left out
   */
  async listNewest(
    { model, version }: VersionRef,
    digest?: string,
  ): Promise<VersionEvaluation[]> {
    const { rows } = await this.#knex.raw<{ rows: EvaluationRow[] }>(
      `select * from (
         select distinct on (evaluation->'primary'->>'name') *
         from version_evaluations
         where model = :model and version = :version
           and evaluation->'dataset'->>'digest' = coalesce(:digest, (
             select latest.evaluation->'dataset'->>'digest'
             from version_evaluations as latest
             where latest.model = :model and latest.version = :version
             order by latest.id desc limit 1
           ))
         order by evaluation->'primary'->>'name', id desc
       ) as newest
       order by id desc`,
      { model, version, digest: digest ?? null },
    );
    return rows.map(toEvaluation);
  }

  async count(
    { model, version }: VersionRef,
    tx: Knex = this.#knex,
  ): Promise<number> {
    const row = await tx('version_evaluations')
      .where({ model, version })
      .count('id as count')
      .first();
    return Number(row?.count);
  }

  add(
    tx: Knex.Transaction,
    ref: VersionRef,
    added: NewEvaluation,
  ): Promise<VersionEvaluation> {
    return insertEvaluation(tx, ref, added);
  }

  /** How the values behind the primary metric lie, of the newest versions that were evaluated row by row. */
  async metricSpreads(
    model: string,
    { limit }: { limit: number },
  ): Promise<({ version: number } & MetricSpread)[]> {
    const { rows } = await this.#knex.raw<{ rows: SpreadRow[] }>(
      `select newest.version, spread.*
       from (
         select versions.version, latest.per_row
         from versions
         cross join lateral (
           select per_row from version_evaluations as added
           where added.model = versions.model and added.version = versions.version
           order by added.id desc limit 1
         ) as latest
         where versions.model = :model and versions.deleted_at is null
           and cardinality(latest.per_row) between 2 and :mostRows
         order by versions.version desc limit :limit
       ) as newest
       cross join lateral (
         select count(value)::int as rows, avg(value) as mean,
           var_samp(value) as variance, bool_and(value in (0, 1)) as is_share
         from unnest(newest.per_row) as value
       ) as spread
       order by newest.version desc`,
      { model, limit, mostRows: SPREAD_ROWS },
    );
    return rows.map(({ is_share: isShare, ...row }) => ({ ...row, isShare }));
  }
}

/** An evaluation with who adds it. */
export interface NewEvaluation {
  evaluation: Evaluation;
  addedBy: string;
  /** Where it was computed here. */
  measured?: MeasuredHere;
}

/** Part of the transaction that registers or evaluates the version. */
export async function insertEvaluation(
  tx: Knex.Transaction,
  { model, version }: VersionRef,
  added: NewEvaluation,
): Promise<VersionEvaluation> {
  // Nobody claims that something was measured here.
  const { perRow, slices, measured: _, ...evaluation } = added.evaluation;
  const [row] = await tx('version_evaluations')
    .insert({
      model,
      version,
      evaluation: JSON.stringify(evaluation),
      per_row: perRow,
      slices: slices && JSON.stringify(slices),
      measured: added.measured && JSON.stringify(added.measured),
      added_at: tx.raw('clock_timestamp()'),
      added_by: added.addedBy,
    })
    .returning<EvaluationRow[]>('*');
  return toEvaluation(row);
}

/** Selects of each row of `versions` what its newest evaluation says. */
export function latestEvaluation(
  knex: Knex,
  column: 'evaluation' | 'per_row' | 'slices' | 'measured',
): Knex.Raw {
  return knex.raw(
    `(select :column: from version_evaluations as added
      where added.model = versions.model and added.version = versions.version
      order by added.id desc limit 1) as :column:`,
    { column },
  );
}

function toEvaluation(row: EvaluationRow): VersionEvaluation {
  return {
    ...row.evaluation,
    perRow: row.per_row ?? undefined,
    slices: row.slices ?? undefined,
    measured: row.measured ?? undefined,
    id: row.id,
    addedAt: row.added_at.toISOString(),
    addedBy: row.added_by,
  };
}
