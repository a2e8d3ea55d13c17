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
      .from(versionsWith(this.#knex, digest).as('made'))
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

  /** Names of the models with a version whose reference rows it holds. */
  async referencesOf(digest: Digest): Promise<string[]> {
    return this.#knex('versions')
      .where({ reference_digest: digest })
      .distinct('model')
      .pluck('model');
  }

  /** What has pointed at versions that need it, now or before. */
  async aliasesOf(digest: Digest): Promise<{ alias: string; model: string }[]> {
    const needing = versionsWith(this.#knex, digest).union(
      this.#knex('versions')
        .where({ reference_digest: digest })
        .select('model', 'version'),
    );
    return this.#knex
      .from(needing.as('made'))
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
    .union(knex('version_files').where({ digest }).select('model', 'version'));
}
