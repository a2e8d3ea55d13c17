import { ConflictError, NotFoundError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  Model,
  ModelQuery,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import {
  selectDeprecation,
  type StoredDeprecation,
  toDeprecation,
} from '../deprecations/DeprecationStore';
import { decodeCursor, toPage } from '../paging/cursor';
import type { ModelCondition } from '../permissions';
import { whereMatches } from '../search/whereMatches';
import { findCandidates } from '../search/findCandidates';

/** What is written of a model; the rest follows from its versions and aliases. */
export type ModelFields = Pick<
  Model,
  'name' | 'title' | 'description' | 'task' | 'owner' | 'system' | 'tags'
>;

interface ModelRow {
  name: string;
  title: string;
  description: string;
  task: Model['task'];
  owner: string;
  system: string | null;
  tags: Record<string, string>;
  last_version: number;
  aliases: Model['aliases'] | null;
  deprecation: StoredDeprecation | null;
  created_at: Date;
  created_by: string;
  updated_at: Date;
}

const DEFAULT_LIMIT = 50;

/** The `models` table. */
export class ModelStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Models by name, a page at a time. */
  async list(
    query: ModelQuery & { visible?: PermissionCriteria<ModelCondition> },
  ): Promise<Page<Model>> {
    const { limit = DEFAULT_LIMIT, cursor } = query;
    const candidates = await findCandidates(this.#knex, 'models', query.search);
    const matching = this.#knex('models').where(builder => {
      if (candidates) builder.whereRaw('name = any(?)', [candidates]);
      whereMatches(builder, query);
    });
    const [rows, [{ count }]] = await Promise.all([
      this.#select(matching, cursor, limit + 1),
      matching.clone().count(),
    ]);
    const page = toPage(rows, limit, row => row.name);
    return {
      items: page.rows.map(toModel),
      totalItems: Number(count),
      nextCursor: page.nextCursor,
    };
  }

  /** Throws a NotFoundError when there is no such model. */
  async get(name: string, tx: Knex = this.#knex): Promise<Model> {
    const [model] = await this.getMany([name], tx);
    if (!model) throw unknownModel(name);
    return model;
  }

  /** In the order of the names; undefined where there is no such model. */
  async getMany(
    names: string[],
    tx: Knex = this.#knex,
  ): Promise<(Model | undefined)[]> {
    const rows = await tx<ModelRow>('models')
      .whereRaw('name = any(?)', [names])
      .select('models.*', ...joined(tx));
    const models = new Map(rows.map(row => [row.name, toModel(row)]));
    return names.map(name => models.get(name));
  }

  /** Names of the models that somebody owns through any of these entity refs. */
  async listOwned(owners: string[]): Promise<string[]> {
    return this.#knex('models')
      .whereRaw('owner = any(?)', [owners])
      .orderBy('name')
      .pluck('name');
  }

  /** Throws a ConflictError when the name is taken. */
  async insert(
    tx: Knex.Transaction,
    model: ModelFields & { createdBy: string },
  ): Promise<void> {
    const { createdBy, tags, ...fields } = model;
    const inserted = await tx('models')
      .insert({
        ...fields,
        tags: JSON.stringify(tags),
        created_by: createdBy,
        created_at: tx.raw('clock_timestamp()'),
        updated_at: tx.raw('clock_timestamp()'),
      })
      .onConflict('name')
      .ignore()
      .returning('name');
    if (inserted.length === 0) {
      throw new ConflictError(
        `name '${model.name}' is taken: choose another, or add a version to that model`,
      );
    }
  }

  async update(
    tx: Knex.Transaction,
    name: string,
    changes: Partial<Omit<ModelFields, 'name' | 'task'>>,
  ): Promise<void> {
    const { tags, ...fields } = changes;
    await tx('models')
      .where({ name })
      .update({
        ...fields,
        ...(tags && { tags: JSON.stringify(tags) }),
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /**
   * Locks the model for the rest of the transaction, so that changes to it happen
   * one after the other. Throws a NotFoundError when there is no such model.
   */
  async lock(tx: Knex.Transaction, name: string): Promise<void> {
    const row = await tx('models').where({ name }).forUpdate().first('name');
    if (!row) throw unknownModel(name);
  }

  /** Says that a version or an alias of the model has just changed. */
  async touch(tx: Knex.Transaction, name: string): Promise<void> {
    await tx('models')
      .where({ name })
      .update({ updated_at: tx.raw('clock_timestamp()') });
  }

  /** Takes the next version number; the model stays locked until the commit. */
  async takeVersionNumber(tx: Knex.Transaction, name: string): Promise<number> {
    const [taken] = await tx('models')
      .where({ name })
      .update({
        last_version: tx.raw('last_version + 1'),
        updated_at: tx.raw('clock_timestamp()'),
      })
      .returning('last_version');
    if (!taken) throw unknownModel(name);
    return taken.last_version;
  }

  async #select(
    matching: Knex.QueryBuilder,
    cursor: string | undefined,
    limit: number,
  ): Promise<ModelRow[]> {
    const page = matching
      .clone()
      .select('models.*', ...joined(this.#knex))
      .orderBy('name')
      .limit(limit);
    return cursor === undefined
      ? page
      : page.where('name', '>', decodeCursor(cursor, 'string'));
  }
}

function unknownModel(name: string): NotFoundError {
  return new NotFoundError(
    `There is no model '${name}': create it first, or check its name`,
  );
}

/** What a model has in other tables. */
function joined(knex: Knex): Knex.Raw[] {
  return [
    currentAliases(knex),
    selectDeprecation(knex, { model: 'models.name' }),
  ];
}

function currentAliases(knex: Knex): Knex.Raw {
  return knex.raw(`(
    select jsonb_agg(
      jsonb_build_object('alias', alias, 'version', version) order by alias
    ) from aliases where aliases.model = models.name
  ) as aliases`);
}

function toModel(row: ModelRow): Model {
  return {
    name: row.name,
    title: row.title,
    description: row.description,
    task: row.task,
    owner: row.owner,
    system: row.system ?? undefined,
    tags: row.tags,
    versionCount: row.last_version,
    latestVersion: row.last_version || undefined,
    aliases: row.aliases ?? [],
    ...(row.deprecation && { deprecation: toDeprecation(row.deprecation) }),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}
