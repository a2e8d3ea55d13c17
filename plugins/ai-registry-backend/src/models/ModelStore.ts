import { ConflictError, NotFoundError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  Model,
  ModelOrder,
  ModelQuery,
  ModelSearch,
  Page,
  SearchPage,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import {
  selectDeprecation,
  type StoredDeprecation,
  toDeprecation,
} from '../deprecations/DeprecationStore';
import { decodeCursor, toPage } from '../paging/cursor';
import { type KeyColumn, orderByKeys, toKeyPage } from '../paging/keyset';
import type { ModelCondition } from '../permissions';
import { whereTag, whereText } from '../search/whereConditions';
import { whereMatches, whereVisible } from '../search/whereMatches';
import { findCandidates } from '../search/findCandidates';

/** What is written of a model; the rest follows from its versions and aliases. */
export type ModelFields = Pick<
  Model,
  | 'name'
  | 'externalName'
  | 'title'
  | 'description'
  | 'task'
  | 'owner'
  | 'system'
  | 'tags'
>;

interface ModelRow {
  name: string;
  external_name: string;
  title: string;
  description: string;
  task: Model['task'];
  owner: string;
  system: string | null;
  tags: Record<string, string>;
  version_count: number;
  latest_version: number | null;
  aliases: Model['aliases'] | null;
  licence: string | null;
  deprecation: StoredDeprecation | null;
  created_at: Date;
  created_by: string;
  updated_at: Date;
}

const DEFAULT_LIMIT = 50;
const DEFAULT_SEARCH_LIMIT = 100;

/** That of the newest version, by its card or its tags; else that of the model's tags. */
const LICENCE = `coalesce(
  (
    select coalesce(versions.licence, versions.tags->>'license', versions.tags->>'licence')
    from versions
    where versions.model = models.name and versions.deleted_at is null
    order by versions.version desc limit 1
  ),
  models.tags->>'license', models.tags->>'licence'
)`;

const ORDERS: Record<ModelOrder, KeyColumn<ModelRow>> = {
  externalName: {
    sql: 'models.external_name',
    type: 'text',
    keyOf: row => row.external_name,
  },
  createdAt: {
    sql: 'models.created_at',
    type: 'timestamptz',
    keyOf: row => row.created_at.toISOString(),
  },
  updatedAt: {
    sql: 'models.updated_at',
    type: 'timestamptz',
    keyOf: row => row.updated_at.toISOString(),
  },
};

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
      builder.whereNull('deleted_at');
      if (candidates) builder.whereRaw('name = any(?)', [candidates]);
      whereMatches(builder, query);
      if (query.licence !== undefined) {
        builder.whereRaw(`lower(${LICENCE}) = lower(?)`, [query.licence]);
      }
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

  /** Those that meet all conditions, a page at a time. */
  async search(
    search: ModelSearch & { visible?: PermissionCriteria<ModelCondition> },
  ): Promise<SearchPage<Model>> {
    const { limit = DEFAULT_SEARCH_LIMIT, order = [], visible } = search;
    const columns = orderOf(order);
    const select = this.#knex('models')
      .whereNull('deleted_at')
      .select('models.*', ...joined(this.#knex))
      .limit(limit + 1);
    for (const condition of search.conditions ?? []) {
      if (condition.field === 'tag') whereTag(select, 'models', condition);
      else whereText(select, { sql: 'models.external_name' }, condition);
    }
    if (visible) select.where(nested => whereVisible(nested, visible));
    orderByKeys(select, columns, search.cursor);
    const rows: ModelRow[] = await select;
    const { rows: found, nextCursor } = toKeyPage(rows, columns, limit);
    return { items: found.map(toModel), nextCursor };
  }

  /** Throws a NotFoundError when there is no such model, or it was deleted. */
  async get(name: string, tx: Knex = this.#knex): Promise<Model> {
    const [model] = await this.getMany([name], tx);
    if (!model) throw unknownModel(name);
    return model;
  }

  /** In the order of the names; undefined where there is no such model, or it was deleted. */
  async getMany(
    names: string[],
    tx: Knex = this.#knex,
    options: {
      /** For those who may bring them back. */
      withDeleted?: boolean;
    } = {},
  ): Promise<(Model | undefined)[]> {
    const rows: ModelRow[] = await tx('models')
      .whereRaw('name = any(?)', [names])
      .where(which => {
        if (!options.withDeleted) which.whereNull('deleted_at');
      })
      .select('models.*', ...joined(tx));
    const models = new Map(rows.map(row => [row.name, toModel(row)]));
    return names.map(name => models.get(name));
  }

  /** Names of the models that somebody owns through any of these entity refs. */
  async listOwned(owners: string[]): Promise<string[]> {
    return this.#knex('models')
      .whereNull('deleted_at')
      .whereRaw('owner = any(?)', [owners])
      .orderBy('name')
      .pluck('name');
  }

  /** Throws a ConflictError when the name, or the external name, is taken. */
  async insert(
    tx: Knex.Transaction,
    model: ModelFields & { createdBy: string },
  ): Promise<void> {
    if (await this.#tryInsert(tx, model)) return;
    const row = await tx('models')
      .where({ name: model.name })
      .first('deleted_at');
    // Without one, it is the external name that is taken.
    if (!row) await this.#refuseExternalName(tx, model);
    throw new ConflictError(
      row?.deleted_at
        ? `name '${model.name}' is that of a model that was deleted: restore it, or choose another name`
        : `name '${model.name}' is taken: choose another, or add a version to that model`,
    );
  }

  /**
   * Inserts under the first of the names that is free.
   *
   * @returns the name that it has
   * @throws ConflictError when the external name is taken
   */
  async insertUnderFreeName(
    tx: Knex.Transaction,
    model: Omit<ModelFields, 'name'> & { createdBy: string },
    names: Iterable<string>,
  ): Promise<string> {
    for (const name of names) {
      if (await this.#tryInsert(tx, { ...model, name })) return name;
      await this.#refuseExternalName(tx, model);
    }
    throw new ConflictError(
      `externalName '${model.externalName}' has no name of its own left: choose another`,
    );
  }

  async #tryInsert(
    tx: Knex.Transaction,
    model: ModelFields & { createdBy: string },
  ): Promise<boolean> {
    const { createdBy, tags, externalName, ...fields } = model;
    const inserted = await tx('models')
      .insert({
        ...fields,
        external_name: externalName,
        tags: JSON.stringify(tags),
        created_by: createdBy,
        created_at: tx.raw('clock_timestamp()'),
        updated_at: tx.raw('clock_timestamp()'),
      })
      .onConflict()
      .ignore()
      .returning('name');
    return inserted.length > 0;
  }

  async #refuseExternalName(
    tx: Knex.Transaction,
    { externalName }: Pick<Model, 'externalName'>,
  ): Promise<void> {
    const row = await tx('models')
      .where({ external_name: externalName })
      .whereNull('deleted_at')
      .first('name');
    if (row) throw takenExternalName(externalName, row.name);
  }

  async update(
    tx: Knex.Transaction,
    name: string,
    changes: Partial<Omit<ModelFields, 'name' | 'task'>>,
  ): Promise<void> {
    const { tags, externalName, ...fields } = changes;
    if (externalName !== undefined) {
      const other = await tx('models')
        .where({ external_name: externalName })
        .whereNull('deleted_at')
        .whereNot({ name })
        .first('name');
      if (other) throw takenExternalName(externalName, other.name);
    }
    await tx('models')
      .where({ name })
      .update({
        ...fields,
        ...(externalName !== undefined && { external_name: externalName }),
        ...(tags && { tags: JSON.stringify(tags) }),
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /**
   * Locks the model for the rest of the transaction, so that changes to it happen
   * one after the other. Throws a NotFoundError when there is no such model, or it was deleted.
   */
  async lock(
    tx: Knex.Transaction,
    name: string,
    options: { withDeleted?: boolean } = {},
  ): Promise<void> {
    const row = await tx('models')
      .where({ name })
      .forUpdate()
      .first('deleted_at');
    if (!row || (row.deleted_at && !options.withDeleted)) {
      throw unknownModel(name);
    }
  }

  /** Hides the model, or has it there again. Throws a ConflictError when its external name was taken meanwhile. */
  async setDeleted(
    tx: Knex.Transaction,
    name: string,
    deletedBy: string | undefined,
  ): Promise<void> {
    if (deletedBy === undefined) {
      const row = await tx('models').where({ name }).first('external_name');
      await this.#refuseExternalName(tx, { externalName: row?.external_name });
    }
    await tx('models')
      .where({ name })
      .update({
        deleted_at:
          deletedBy === undefined ? null : tx.raw('clock_timestamp()'),
        deleted_by: deletedBy ?? null,
        updated_at: tx.raw('clock_timestamp()'),
      });
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
      .whereNull('deleted_at')
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

function takenExternalName(externalName: string, name: string): ConflictError {
  return new ConflictError(
    `externalName '${externalName}' is taken by the model '${name}': choose another, or add a version to that model`,
  );
}

/** With the external name last, which tells all apart. */
function orderOf(
  order: NonNullable<ModelSearch['order']>,
): KeyColumn<ModelRow>[] {
  const columns = order.map(({ by, descending }) => ({
    ...ORDERS[by],
    descending,
  }));
  return [...columns, ORDERS.externalName];
}

/** What a model has in other tables. */
function joined(knex: Knex): Knex.Raw[] {
  return [
    versionCount(knex),
    latestVersion(knex),
    currentAliases(knex),
    knex.raw(`${LICENCE} as licence`),
    selectDeprecation(knex, { model: 'models.name' }),
  ];
}

/** Versions are numbered without gaps, so that only the few deleted ones have to be counted. */
function versionCount(knex: Knex): Knex.Raw {
  return knex.raw(`last_version - (
    select count(*)::int from versions
    where versions.model = models.name and versions.deleted_at is not null
  ) as version_count`);
}

function latestVersion(knex: Knex): Knex.Raw {
  return knex.raw(`(
    select max(version) from versions
    where versions.model = models.name and versions.deleted_at is null
  ) as latest_version`);
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
    externalName: row.external_name,
    title: row.title,
    description: row.description,
    task: row.task,
    owner: row.owner,
    system: row.system ?? undefined,
    tags: row.tags,
    versionCount: row.version_count,
    latestVersion: row.latest_version ?? undefined,
    aliases: row.aliases ?? [],
    licence: row.licence ?? undefined,
    ...(row.deprecation && { deprecation: toDeprecation(row.deprecation) }),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}
