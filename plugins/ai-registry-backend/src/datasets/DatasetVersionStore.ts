import { NotFoundError } from '@backstage/errors';
import type { DatasetColumn, DatasetFormat } from '@greenroom/bundle-file';
import type {
  DatasetUse,
  DatasetVersion,
  Digest,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { decodeCursor, toPage } from '../paging/cursor';
import type { DatasetVersionRef } from './DatasetService';

/** What is written of a version; the time follows. */
export type DatasetVersionFields = Omit<DatasetVersion, 'createdAt'> & {
  /** Of `dataset.json`; undefined for an external version. */
  schemaDigest?: Digest;
};

interface DatasetVersionRow {
  dataset: string;
  version: number;
  description: string;
  kind: DatasetVersion['kind'];
  digest: Digest;
  file_digest: Digest | null;
  format: DatasetFormat | null;
  /** bigint arrives as text. */
  rows: string | null;
  columns: DatasetColumn[] | null;
  size_bytes: string | null;
  uri: string | null;
  created_at: Date;
  created_by: string;
}

interface UseRow {
  model: string;
  version: number;
  name: string;
  value: number;
  added_at: Date;
  added_by: string;
}

const DEFAULT_LIMIT = 50;
/** Datasets with the same content are few. */
const MAX_WITH_DIGEST = 100;
const MAX_USES = 100;

/** The `dataset_versions` table, and the evaluations that name a version by its digest. */
export class DatasetVersionStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Newest first, a page at a time. */
  async list(
    dataset: string,
    query: { limit?: number; cursor?: string },
  ): Promise<Page<DatasetVersion>> {
    const { limit = DEFAULT_LIMIT, cursor } = query;
    // Versions are numbered without gaps and never deleted, so that nothing has to be counted.
    const known = await this.#knex('datasets')
      .where({ name: dataset })
      .first('last_version');
    const select = this.#knex<DatasetVersionRow>('dataset_versions')
      .where({ dataset })
      .orderBy('version', 'desc')
      .limit(limit + 1);
    if (cursor !== undefined) {
      select.where('version', '<', decodeCursor(cursor, 'number'));
    }
    const page = toPage(await select, limit, row => row.version);
    return {
      items: page.rows.map(toVersion),
      totalItems: known?.last_version ?? 0,
      nextCursor: page.nextCursor,
    };
  }

  /** Throws a NotFoundError when there is no such version. */
  async get(
    { dataset, version }: DatasetVersionRef,
    tx: Knex = this.#knex,
  ): Promise<DatasetVersion> {
    const row = await tx<DatasetVersionRow>('dataset_versions')
      .where({ dataset, version })
      .first();
    if (!row) {
      throw new NotFoundError(
        `There is no version ${version} of dataset '${dataset}'`,
      );
    }
    return toVersion(row);
  }

  /** Of all datasets, the newest first; also by the first digits of a digest. */
  async findByDigest(digest: Digest): Promise<DatasetVersion[]> {
    const begins = `${digest}%`;
    const rows = await this.#knex<DatasetVersionRow>('dataset_versions')
      .whereLike('digest', begins)
      .orWhereLike('file_digest', begins)
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'dataset' },
        { column: 'version', order: 'desc' },
      ])
      .limit(MAX_WITH_DIGEST);
    return rows.map(toVersion);
  }

  async insert(
    tx: Knex.Transaction,
    version: DatasetVersionFields,
  ): Promise<void> {
    await tx('dataset_versions').insert({
      dataset: version.dataset,
      version: version.version,
      description: version.description,
      kind: version.kind,
      digest: version.digest,
      file_digest: version.fileDigest,
      schema_digest: version.schemaDigest,
      format: version.format,
      rows: version.rows,
      columns: version.columns && JSON.stringify(version.columns),
      size_bytes: version.sizeBytes,
      uri: version.uri,
      created_at: tx.raw('clock_timestamp()'),
      created_by: version.createdBy,
    });
  }

  /** Evaluations that name one of the digests as their dataset's, the newest first. */
  async listUses(digests: Digest[]): Promise<DatasetUse[]> {
    const { rows } = await this.#knex.raw<{ rows: UseRow[] }>(
      `select model, version, added_at, added_by,
         evaluation->'primary'->>'name' as name,
         (evaluation->'metrics'->>(evaluation->'primary'->>'name'))::float8 as value
       from version_evaluations
       where evaluation->'dataset'->>'digest' = any(?)
       order by id desc limit ?`,
      [digests, MAX_USES],
    );
    return rows.map(({ model, version, name, value, ...added }) => ({
      model,
      version,
      metric: { name, value },
      addedAt: added.added_at.toISOString(),
      addedBy: added.added_by,
    }));
  }
}

function toVersion(row: DatasetVersionRow): DatasetVersion {
  const number = (value: string | null) =>
    value === null ? undefined : Number(value);
  return {
    dataset: row.dataset,
    version: row.version,
    description: row.description,
    kind: row.kind,
    digest: row.digest,
    fileDigest: row.file_digest ?? undefined,
    format: row.format ?? undefined,
    rows: number(row.rows),
    columns: row.columns ?? undefined,
    sizeBytes: number(row.size_bytes),
    uri: row.uri ?? undefined,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}
