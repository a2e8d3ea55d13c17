import type {
  Digest,
  ModelSchema,
  ModelVersion,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';

/** What a data plane must know of a version to serve it. */
export type VersionCopy = Pick<
  ModelVersion,
  | 'model'
  | 'version'
  | 'digest'
  | 'sizeBytes'
  | 'files'
  | 'signature'
  | 'schema'
  | 'reference'
> & {
  /** Of an external version: what its descriptor names. */
  external?: { connection: string; model: string };
};

interface VersionCopyRow {
  model: string;
  version: number;
  digest: Digest;
  /** bigint arrives as text. */
  size_bytes: string;
  files: number | null;
  signature: Signature | null;
  schema: ModelSchema | null;
  reference: ModelVersion['reference'] | null;
  connection: string | null;
  upstream_model: string | null;
}

/**
 * The registry's immutable facts about versions in use, copied so that a snapshot is built
 * from this plugin's own tables, whatever state the registry is in.
 */
export class VersionCopyStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async save(tx: Knex.Transaction, version: VersionCopy): Promise<void> {
    await tx('served_versions')
      .insert({
        model: version.model,
        version: version.version,
        digest: version.digest,
        size_bytes: version.sizeBytes,
        files: version.files ?? null,
        signature: version.signature ? JSON.stringify(version.signature) : null,
        schema: version.schema ? JSON.stringify(version.schema) : null,
        reference: version.reference ? JSON.stringify(version.reference) : null,
        connection: version.external?.connection ?? null,
        upstream_model: version.external?.model ?? null,
      })
      .onConflict(['model', 'version'])
      .merge();
  }

  /** Whether the facts of exactly these files are there. */
  async hasAll(
    tx: Knex.Transaction,
    model: string,
    versions: { version: number; digest: string }[],
  ): Promise<boolean> {
    const found = await tx('served_versions')
      .where({ model })
      .whereIn(
        ['version', 'digest'],
        versions.map(({ version, digest }) => [version, digest]),
      )
      .count({ count: '*' })
      .first();
    return Number(found?.count) === versions.length;
  }

  async list(models: string[]): Promise<VersionCopy[]> {
    const rows = await this.#knex<VersionCopyRow>('served_versions').whereIn(
      'model',
      models,
    );
    return rows.map(row => ({
      model: row.model,
      version: row.version,
      digest: row.digest,
      sizeBytes: Number(row.size_bytes),
      files: row.files ?? undefined,
      signature: row.signature ?? undefined,
      schema: row.schema ?? undefined,
      ...(row.reference && { reference: row.reference }),
      ...(row.connection !== null && {
        external: {
          connection: row.connection,
          model: row.upstream_model ?? '',
        },
      }),
    }));
  }
}
