import { InputError, NotFoundError } from '@backstage/errors';
import type {
  Digest,
  ModelVersion,
  ModelVersionDetail,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { decodeCursor, toPage } from '../paging/cursor';

/** What is written of a version; aliases and the creation time follow. */
export type VersionFields = Omit<ModelVersionDetail, 'aliases' | 'createdAt'>;

interface VersionRow {
  model: string;
  version: number;
  description: string;
  format: 'onnx';
  digest: Digest;
  size_bytes: string;
  model_file: ModelVersion['modelFile'] | null;
  signature: ModelVersion['signature'];
  schema: ModelVersion['schema'] | null;
  evaluation: ModelVersion['evaluation'] | null;
  tags: Record<string, string>;
  source: ModelVersion['source'];
  aliases: string[] | null;
  created_at: Date;
  created_by: string;
}

interface VersionDetailRow extends VersionRow {
  evaluation_per_row: number[] | null;
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
  'model_file',
  'signature',
  'schema',
  'evaluation',
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
      .select(...SMALL_COLUMNS, aliasNames(this.#knex))
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
        'evaluation_per_row',
        'baseline',
        aliasNames(tx),
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
      .select(...SMALL_COLUMNS, aliasNames(tx))
      .first();
    return toVersion(row);
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
    const { perRow, ...evaluation } = version.evaluation ?? {};
    await tx('versions').insert({
      model: version.model,
      version: version.version,
      description: version.description,
      format: version.format,
      digest: version.digest,
      size_bytes: version.sizeBytes,
      model_file: version.modelFile && JSON.stringify(version.modelFile),
      signature: JSON.stringify(version.signature),
      schema: version.schema && JSON.stringify(version.schema),
      evaluation: version.evaluation && JSON.stringify(evaluation),
      evaluation_per_row: perRow,
      baseline: version.baseline && JSON.stringify(version.baseline),
      tags: JSON.stringify(version.tags),
      source: JSON.stringify(version.source),
      created_at: tx.raw('clock_timestamp()'),
      created_by: version.createdBy,
    });
  }

  /** Names of the models with a version made of this artifact. */
  async modelsWithDigest(digest: Digest): Promise<string[]> {
    return this.#knex('versions').where({ digest }).distinct().pluck('model');
  }
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
    modelFile: row.model_file ?? undefined,
    signature: row.signature,
    schema: row.schema ?? undefined,
    evaluation: row.evaluation ?? undefined,
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
      perRow: row.evaluation_per_row ?? undefined,
    },
    baseline: row.baseline ?? undefined,
  };
}
