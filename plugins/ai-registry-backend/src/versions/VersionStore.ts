import { InputError, NotFoundError } from '@backstage/errors';
import {
  type Digest,
  type Evaluation,
  type MetricSpread,
  type ModelFormat,
  type ModelVersion,
  type ModelVersionDetail,
  type Page,
  type Servability,
  type VersionEvaluation,
} from '@greenroom/plugin-ai-registry-common';
import type { BundleFile } from '@greenroom/bundle-file';
import type { Knex } from 'knex';
import { decodeCursor, toPage } from '../paging/cursor';
import type { VersionRef } from './VersionService';

/** What is written of a version; aliases and the creation time follow. */
export type VersionFields = Omit<
  ModelVersionDetail,
  'aliases' | 'createdAt' | 'files'
> & {
  /** Of a bundle; undefined for a single file. */
  files?: BundleFile[];
};

interface VersionRow {
  model: string;
  version: number;
  description: string;
  format: ModelFormat;
  digest: Digest;
  size_bytes: string;
  files: number | null;
  model_file: ModelVersion['modelFile'] | null;
  signature: ModelVersion['signature'];
  schema: ModelVersion['schema'] | null;
  evaluation: ModelVersion['evaluation'] | null;
  servability: Servability;
  tags: Record<string, string>;
  source: ModelVersion['source'];
  aliases: string[] | null;
  created_at: Date;
  created_by: string;
}

interface VersionDetailRow extends VersionRow {
  per_row: number[] | null;
  baseline: ModelVersionDetail['baseline'] | null;
}

interface EvaluationRow {
  /** bigint arrives as text. */
  id: string;
  evaluation: Omit<Evaluation, 'perRow'>;
  per_row: number[] | null;
  added_at: Date;
  added_by: string;
}

interface SpreadRow extends Omit<MetricSpread, 'isShare'> {
  version: number;
  is_share: boolean;
}

const DEFAULT_LIMIT = 50;

/** Evaluations of more rows are drawn without an interval: too much to add up whenever a page is opened. */
const SPREAD_ROWS = 20_000;

const SMALL_COLUMNS = [
  'model',
  'version',
  'description',
  'format',
  'digest',
  'size_bytes',
  'files',
  'model_file',
  'signature',
  'schema',
  'servability',
  'tags',
  'source',
  'created_at',
  'created_by',
];

/** The `versions` table. */
export class VersionStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Newest first, a page at a time. */
  async list(
    model: string,
    query: { limit?: number; cursor?: string },
  ): Promise<Page<ModelVersion>> {
    const { limit = DEFAULT_LIMIT, cursor } = query;
    // Versions are numbered without gaps and never deleted, so that nothing has to be counted.
    const known = await this.#knex('models')
      .where({ name: model })
      .first('last_version');
    const select = this.#knex<VersionRow>('versions')
      .where({ model })
      .select(...SMALL_COLUMNS, ...joined(this.#knex))
      .orderBy('version', 'desc')
      .limit(limit + 1);
    if (cursor !== undefined) {
      select.where('version', '<', decodeCursor(cursor, 'number'));
    }
    const rows: VersionRow[] = await select;
    const page = toPage(rows, limit, row => row.version);
    return {
      items: page.rows.map(toVersion),
      totalItems: known?.last_version ?? 0,
      nextCursor: page.nextCursor,
    };
  }

  /** Throws a NotFoundError when there is no such version. */
  async get(
    model: string,
    version: number,
    tx: Knex = this.#knex,
  ): Promise<ModelVersionDetail> {
    const row: VersionDetailRow | undefined = await tx('versions')
      .where({ model, version })
      .select(
        ...SMALL_COLUMNS,
        'baseline',
        latestEvaluation(tx, 'per_row'),
        ...joined(tx),
      )
      .first();
    if (!row) {
      throw new NotFoundError(
        `There is no version ${version} of model '${model}'`,
      );
    }
    return toVersionDetail(row);
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
         where versions.model = :model
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

  /** A version of the caller's own transaction, without its large parts. */
  async getSummary(
    tx: Knex.Transaction,
    model: string,
    version: number,
  ): Promise<ModelVersion> {
    const row: VersionRow = await tx('versions')
      .where({ model, version })
      .select(...SMALL_COLUMNS, ...joined(tx))
      .first();
    return toVersion(row);
  }

  /** Digests of those of the versions that exist, in one question. */
  async findDigests(
    versions: { model: string; version: number }[],
  ): Promise<{ model: string; version: number; digest: Digest }[]> {
    const { rows } = await this.#knex.raw(
      `select model, version, digest from versions
       join unnest(?::text[], ?::integer[]) as wanted (model, version)
       using (model, version)`,
      [versions.map(v => v.model), versions.map(v => v.version)],
    );
    return rows;
  }

  /** Throws an InputError when there is no such version. */
  async mustExist(
    tx: Knex.Transaction,
    model: string,
    version: number,
  ): Promise<void> {
    const row = await tx('versions').where({ model, version }).first('version');
    if (!row) {
      throw new InputError(
        `version: there is no version ${version} of model '${model}'`,
      );
    }
  }

  async insert(tx: Knex.Transaction, version: VersionFields): Promise<void> {
    await tx('versions').insert({
      model: version.model,
      version: version.version,
      description: version.description,
      format: version.format,
      digest: version.digest,
      size_bytes: version.sizeBytes,
      files: version.files?.length,
      model_file: version.modelFile && JSON.stringify(version.modelFile),
      signature: JSON.stringify(version.signature),
      schema: version.schema && JSON.stringify(version.schema),
      servability: JSON.stringify(version.servability),
      baseline: version.baseline && JSON.stringify(version.baseline),
      tags: JSON.stringify(version.tags),
      source: JSON.stringify(version.source),
      created_at: tx.raw('clock_timestamp()'),
      created_by: version.createdBy,
    });
    if (version.files) await insertFiles(tx, version, version.files);
    if (version.evaluation) {
      await this.addEvaluation(tx, version, {
        evaluation: version.evaluation,
        addedBy: version.createdBy,
      });
    }
  }

  /** By path; empty for a version that is a single file. */
  async listFiles({ model, version }: VersionRef): Promise<BundleFile[]> {
    const rows: { path: string; digest: Digest; size_bytes: string }[] =
      await this.#knex('version_files')
        .where({ model, version })
        .orderBy('path')
        .select('path', 'digest', 'size_bytes');
    return rows.map(({ path, digest, size_bytes }) => ({
      path,
      digest,
      sizeBytes: Number(size_bytes),
    }));
  }

  /** Newest first. */
  async listEvaluations(
    { model, version }: VersionRef,
    tx: Knex = this.#knex,
  ): Promise<VersionEvaluation[]> {
    const rows: EvaluationRow[] = await tx('version_evaluations')
      .where({ model, version })
      .orderBy('id', 'desc');
    return rows.map(toEvaluation);
  }

  async countEvaluations(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
  ): Promise<number> {
    const row = await tx('version_evaluations')
      .where({ model, version })
      .count('id as count')
      .first();
    return Number(row?.count);
  }

  async addEvaluation(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    added: { evaluation: Evaluation; addedBy: string },
  ): Promise<VersionEvaluation> {
    const { perRow, ...evaluation } = added.evaluation;
    const [row] = await tx('version_evaluations')
      .insert({
        model,
        version,
        evaluation: JSON.stringify(evaluation),
        per_row: perRow,
        added_at: tx.raw('clock_timestamp()'),
        added_by: added.addedBy,
      })
      .returning<EvaluationRow[]>('*');
    return toEvaluation(row);
  }

  async setServability(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    servability: Servability,
  ): Promise<void> {
    await tx('versions')
      .where({ model, version })
      .update({ servability: JSON.stringify(servability) });
  }

  /** Names of the models with a version that this artifact is, or is a file of. */
  async modelsWithDigest(digest: Digest): Promise<string[]> {
    return this.#knex
      .from(versionsWith(this.#knex, digest))
      .distinct('model')
      .pluck('model');
  }

  /** What has pointed at such versions, now or before. */
  async aliasesWithDigest(
    digest: Digest,
  ): Promise<{ alias: string; model: string }[]> {
    return this.#knex
      .from(versionsWith(this.#knex, digest))
      .join('alias_changes as moved', {
        'moved.model': 'made.model',
        'moved.version': 'made.version',
      })
      .distinct({ alias: 'moved.alias', model: 'moved.model' });
  }
}

/** The versions that an artifact is, as a whole or as a file of their bundle. */
function versionsWith(knex: Knex, digest: Digest): Knex.QueryBuilder {
  return knex('versions')
    .where({ digest })
    .select('model', 'version')
    .union(knex('version_files').where({ digest }).select('model', 'version'))
    .as('made');
}

async function insertFiles(
  tx: Knex.Transaction,
  { model, version }: VersionRef,
  files: BundleFile[],
): Promise<void> {
  await tx.raw(
    `insert into version_files (model, version, path, digest, size_bytes)
     select ?, ?, * from unnest(?::text[], ?::text[], ?::bigint[])`,
    [
      model,
      version,
      files.map(({ path }) => path),
      files.map(({ digest }) => digest),
      files.map(({ sizeBytes }) => sizeBytes),
    ],
  );
}

/** What a version has in other tables. */
function joined(knex: Knex): Knex.Raw[] {
  return [aliasNames(knex), latestEvaluation(knex, 'evaluation')];
}

function latestEvaluation(
  knex: Knex,
  column: 'evaluation' | 'per_row',
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
    id: row.id,
    addedAt: row.added_at.toISOString(),
    addedBy: row.added_by,
  };
}

function aliasNames(knex: Knex): Knex.Raw {
  return knex.raw(`array(
    select alias from aliases
    where aliases.model = versions.model and aliases.version = versions.version
    order by alias
  ) as aliases`);
}

function toVersion(row: VersionRow): ModelVersion {
  return {
    model: row.model,
    version: row.version,
    description: row.description,
    format: row.format,
    digest: row.digest,
    sizeBytes: Number(row.size_bytes),
    files: row.files ?? undefined,
    modelFile: row.model_file ?? undefined,
    signature: row.signature,
    schema: row.schema ?? undefined,
    evaluation: row.evaluation ?? undefined,
    servability: row.servability,
    tags: row.tags,
    source: row.source,
    aliases: row.aliases ?? [],
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}

function toVersionDetail(row: VersionDetailRow): ModelVersionDetail {
  const { evaluation, ...version } = toVersion(row);
  return {
    ...version,
    evaluation: evaluation && {
      ...evaluation,
      perRow: row.per_row ?? undefined,
    },
    baseline: row.baseline ?? undefined,
  };
}
