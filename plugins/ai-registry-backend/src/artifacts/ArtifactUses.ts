import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';

/** What artifacts are used for, over the versions of all models and datasets. */
export class ArtifactUses {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Names of the models with a version that this artifact is, or is a file of. */
  async modelsOf(digest: Digest): Promise<string[]> {
    return this.#knex
      .from(versionsWith(this.#knex, digest))
      .distinct('model')
      .pluck('model');
  }

  /** Names of the datasets with a version that this artifact is, or is a file of. */
  async datasetsOf(digest: Digest): Promise<string[]> {
    return this.#knex('dataset_versions')
      .where({ kind: 'stored' })
      .andWhere(which =>
        which
          .where({ digest })
          .orWhere({ file_digest: digest })
          .orWhere({ schema_digest: digest }),
      )
      .distinct('dataset')
      .pluck('dataset');
  }

  /** What has pointed at such versions, now or before. */
  async aliasesOf(digest: Digest): Promise<{ alias: string; model: string }[]> {
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
