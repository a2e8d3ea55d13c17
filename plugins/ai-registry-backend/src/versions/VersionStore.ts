import { InputError, NotFoundError } from '@backstage/errors';
import {
  trainingJobOf,
  type Digest,
  type EvaluationSlice,
  type FoundVersion,
  type MeasuredHere,
  type ModelFormat,
  type ModelVersion,
  type ModelVersionDetail,
  type Page,
  type SearchPage,
  type Servability,
  type VersionSearch,
  type VersionStage,
} from '@greenroom/plugin-ai-registry-common';
import type { BundleFile } from '@greenroom/bundle-file';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import {
  selectDeprecation,
  type StoredDeprecation,
  toDeprecation,
} from '../deprecations/DeprecationStore';
import { decodeCursor, toPage } from '../paging/cursor';
import { orderByKeys, toKeyPage } from '../paging/keyset';
import type { ModelCondition } from '../permissions';
import { whereVisible } from '../search/whereMatches';
import { insertEvaluation, latestEvaluation } from './EvaluationStore';
import {
  type FoundKeys,
  orderOf,
  whereLatestOfStages,
  whereVersionConditions,
} from './versionSearch';
import type { VersionRef } from './VersionService';

/** What is written of a version; aliases, deprecation, stage and the creation time follow. */
export type VersionFields = Omit<
  ModelVersionDetail,
  'aliases' | 'createdAt' | 'deprecation' | 'files' | 'stage'
> & {
  /** Its model card as it was written; its licence is {@link ModelVersion.licence}. */
  card?: string;
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
  mlflow: ModelVersion['mlflow'] | null;
  pickles: string[] | null;
  licence: string | null;
  schema: ModelVersion['schema'] | null;
  evaluation: ModelVersion['evaluation'] | null;
  measured: MeasuredHere | null;
  servability: Servability;
  reference_digest: Digest | null;
  reference_rows: number | null;
  /** bigint arrives as text. */
  reference_bytes: string | null;
  tags: Record<string, string>;
  source: ModelVersion['source'];
  converted_from: number | null;
  stage: VersionStage | null;
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

type FoundRow = VersionRow & FoundKeys;

const DEFAULT_LIMIT = 50;
const DEFAULT_SEARCH_LIMIT = 100;

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
  'mlflow',
  'pickles',
  'licence',
  'schema',
  'servability',
  'reference_digest',
  'reference_rows',
  'reference_bytes',
  'tags',
  'source',
  'stage',
  'created_at',
  'created_by',
].map(column => `versions.${column}`);

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
    // Versions are numbered without gaps, so that only deleted ones have to be counted.
    const known = await this.#knex('models')
      .where({ name: model })
      .first('last_version');
    const deleted = await this.#knex('versions')
      .where({ model })
      .whereNotNull('deleted_at')
      .count('version as count')
      .first();
    const select = this.#knex<VersionRow>('versions')
      .where({ model })
      .whereNull('deleted_at')
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
      totalItems: (known?.last_version ?? 0) - Number(deleted?.count ?? 0),
      nextCursor: page.nextCursor,
    };
  }

  /** Versions of all models that meet all conditions, a page at a time. */
  async search(
    search: VersionSearch & {
      /** Whose versions the caller may see; all when it is left out. */
      visible?: PermissionCriteria<ModelCondition>;
    },
  ): Promise<SearchPage<FoundVersion>> {
    const { conditions = [], limit = DEFAULT_SEARCH_LIMIT, visible } = search;
    const columns = orderOf<FoundRow>(search.order);
    const select = this.#knex('versions')
      .join('models', 'models.name', 'versions.model')
      .whereNull('models.deleted_at')
      .whereNull('versions.deleted_at')
      .select(
        ...SMALL_COLUMNS,
        'models.external_name',
        'versions.updated_at',
        ...joined(this.#knex),
      )
      .limit(limit + 1);
    whereVersionConditions(select, conditions);
    if (search.latestOfStages) whereLatestOfStages(select, conditions);
    if (visible) select.where(nested => whereVisible(nested, visible));
    orderByKeys(select, columns, search.cursor);
    const rows: FoundRow[] = await select;
    const { rows: found, nextCursor } = toKeyPage(rows, columns, limit);
    return {
      nextCursor,
      items: found.map(row => ({
        ...toVersion(row),
        externalName: row.external_name,
        updatedAt: row.updated_at.toISOString(),
      })),
    };
  }

  /** Throws a NotFoundError when there is no such version, or it was deleted. */
  async get(
    model: string,
    version: number,
    tx: Knex = this.#knex,
  ): Promise<ModelVersionDetail> {
    const row: (VersionDetailRow & { deleted_at: Date | null }) | undefined =
      await tx('versions')
        .where({ model, version })
        .select(
          'versions.deleted_at',
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
    if (row.deleted_at) {
      throw new NotFoundError(
        `Version ${version} of model '${model}' was deleted: those who may change the model can restore it`,
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

  /** Digests and formats of those of the versions that exist, in one question. */
  async findDigests(
    versions: { model: string; version: number }[],
  ): Promise<
    { model: string; version: number; digest: Digest; format: ModelFormat }[]
  > {
    const { rows } = await this.#knex.raw(
      `select model, version, digest, format from versions
       join unnest(?::text[], ?::integer[]) as wanted (model, version)
       using (model, version)
       where deleted_at is null`,
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
    const row = await tx('versions')
      .where({ model, version })
      .whereNull('deleted_at')
      .first('version');
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
      mlflow: version.mlflow && JSON.stringify(version.mlflow),
      pickles: version.pickles,
      card: version.card,
      licence: version.licence,
      schema: version.schema && JSON.stringify(version.schema),
      servability: JSON.stringify(version.servability),
      baseline: version.baseline && JSON.stringify(version.baseline),
      reference_digest: version.reference?.digest,
      reference_rows: version.reference?.rows,
      reference_bytes: version.reference?.sizeBytes,
      tags: JSON.stringify(version.tags),
      source: JSON.stringify(version.source),
      // The same time: it has not changed since it was made.
      created_at: tx.raw('statement_timestamp()'),
      updated_at: tx.raw('statement_timestamp()'),
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

  /** Changes what is said of a version. */
  async update(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    changes: {
      description?: string;
      tags?: Record<string, string>;
      stage?: VersionStage | null;
    },
  ): Promise<void> {
    const { tags, ...fields } = changes;
    await tx('versions')
      .where({ model, version })
      .update({
        ...fields,
        ...(tags && { tags: JSON.stringify(tags) }),
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /** The model card as it was written; undefined where there is none. */
  async getCard(
    { model, version }: VersionRef,
    tx: Knex = this.#knex,
  ): Promise<string | undefined> {
    const row = await tx('versions').where({ model, version }).first('card');
    return row?.card ?? undefined;
  }

  /** Replaces the model card, and the licence that it names. */
  async setCard(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    { card, licence }: { card: string; licence: string | undefined },
  ): Promise<void> {
    await tx('versions')
      .where({ model, version })
      .update({
        card,
        licence: licence ?? null,
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /** Numbers of the versions in a stage, deleted ones left out. */
  async inStage(
    tx: Knex.Transaction,
    where: { model: string; stage: VersionStage },
  ): Promise<number[]> {
    return tx('versions')
      .where(where)
      .whereNull('deleted_at')
      .orderBy('version')
      .pluck('version');
  }

  /** Undefined where there is no such version; deleted ones are told, too. */
  async isDeleted(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
  ): Promise<boolean | undefined> {
    const row = await tx('versions')
      .where({ model, version })
      .first('deleted_at');
    return row && row.deleted_at !== null;
  }

  /** Hides a version, or has it there again. */
  async setDeleted(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    deletedBy: string | undefined,
  ): Promise<void> {
    await tx('versions')
      .where({ model, version })
      .update({
        deleted_at:
          deletedBy === undefined ? null : tx.raw('clock_timestamp()'),
        deleted_by: deletedBy ?? null,
        updated_at: tx.raw('clock_timestamp()'),
      });
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
    latestEvaluation(knex, 'measured'),
    convertedFrom(knex),
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

function convertedFrom(knex: Knex): Knex.Raw {
  return knex.raw(`(
    select said -> 'from' -> 'version' from version_conversions c
    where c.model = versions.model and c.version = versions.version
  ) as converted_from`);
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
    mlflow: row.mlflow ?? undefined,
    pickles: row.pickles ?? undefined,
    licence: row.licence ?? undefined,
    schema: row.schema ?? undefined,
    evaluation: row.evaluation
      ? { ...row.evaluation, ...(row.measured && { measured: row.measured }) }
      : undefined,
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
    // Whoever else registers a file can say of it what he likes.
    ...(row.converted_from !== null &&
      trainingJobOf(row.created_by) !== undefined && {
        convertedFrom: row.converted_from,
      }),
    stage: row.stage ?? undefined,
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
