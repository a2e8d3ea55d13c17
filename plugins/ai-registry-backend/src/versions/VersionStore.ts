import { InputError, NotFoundError } from '@backstage/errors';
import {
  type Digest,
  type EvaluationSlice,
  type ModelFormat,
  type ModelVersion,
  type ModelVersionDetail,
  type Page,
  type Servability,
} from '@greenroom/plugin-ai-registry-common';
import type { BundleFile } from '@greenroom/bundle-file';
import type { Knex } from 'knex';
import {
  selectDeprecation,
  type StoredDeprecation,
  toDeprecation,
} from '../deprecations/DeprecationStore';
import { decodeCursor, toPage } from '../paging/cursor';
import { insertEvaluation, latestEvaluation } from './EvaluationStore';
import type { VersionRef } from './VersionService';

/** What is written of a version; aliases, deprecation and the creation time follow. */
export type VersionFields = Omit<
  ModelVersionDetail,
  'aliases' | 'createdAt' | 'deprecation' | 'files'
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
  signature: ModelVersion['signature'] | null;
  external: ModelVersion['external'] | null;
  schema: ModelVersion['schema'] | null;
  evaluation: ModelVersion['evaluation'] | null;
  servability: Servability;
  reference_digest: Digest | null;
  reference_rows: number | null;
  /** bigint arrives as text. */
  reference_bytes: string | null;
  tags: Record<string, string>;
  source: ModelVersion['source'];
  aliases: string[] | null;
  deprecation: StoredDeprecation | null;
  created_at: Date;
  created_by: string;
}

interface VersionDetailRow extends VersionRow {
  per_row: number[] | null;
  slices: EvaluationSlice[] | null;
  baseline: ModelVersionDetail['baseline'] | null;
}

const DEFAULT_LIMIT = 50;

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
  'external',
  'schema',
  'servability',
  'reference_digest',
  'reference_rows',
  'reference_bytes',
  'tags',
  'source',
  'created_at',
  'created_by',
];

/** The tables `versions` and `version_files`. */
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
        latestEvaluation(tx, 'slices'),
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
      signature: version.signature && JSON.stringify(version.signature),
      external: version.external && JSON.stringify(version.external),
      schema: version.schema && JSON.stringify(version.schema),
      servability: JSON.stringify(version.servability),
      baseline: version.baseline && JSON.stringify(version.baseline),
      reference_digest: version.reference?.digest,
      reference_rows: version.reference?.rows,
      reference_bytes: version.reference?.sizeBytes,
      tags: JSON.stringify(version.tags),
      source: JSON.stringify(version.source),
      created_at: tx.raw('clock_timestamp()'),
      created_by: version.createdBy,
    });
    if (version.files) await insertFiles(tx, version, version.files);
    if (version.evaluation) {
      await insertEvaluation(tx, version, {
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

  async setServability(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    servability: Servability,
  ): Promise<void> {
    await tx('versions')
      .where({ model, version })
      .update({ servability: JSON.stringify(servability) });
  }
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
  return [
    aliasNames(knex),
    latestEvaluation(knex, 'evaluation'),
    selectDeprecation(knex, {
      model: 'versions.model',
      version: 'versions.version',
    }),
  ];
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
    signature: row.signature ?? undefined,
    external: row.external ?? undefined,
    schema: row.schema ?? undefined,
    evaluation: row.evaluation ?? undefined,
    servability: row.servability,
    ...(row.reference_digest && {
      reference: {
        digest: row.reference_digest,
        rows: row.reference_rows ?? 0,
        sizeBytes: Number(row.reference_bytes ?? 0),
      },
    }),
    tags: row.tags,
    source: row.source,
    aliases: row.aliases ?? [],
    ...(row.deprecation && { deprecation: toDeprecation(row.deprecation) }),
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
      slices: row.slices ?? undefined,
    },
    baseline: row.baseline ?? undefined,
  };
}
