import { InputError, NotFoundError } from '@backstage/errors';
import type {
  ModelAsOf,
  VersionAsOf,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { decodeCursor, toPage } from '../paging/cursor';

const DEFAULT_LIMIT = 50;

/** A question about a model at a moment. */
export interface AsOfQuery {
  model: string;
  /** To the millisecond. */
  at: Date;
  /** Most versions of the page. */
  limit?: number;
  /** Out of the page before. */
  cursor?: string;
}

/** What is said of the model itself is kept under this number; versions begin at 1. */
const THE_MODEL = 0;

type Said = Pick<VersionAsOf, 'description' | 'tags'> & {
  stage?: VersionAsOf['stage'] | null;
};

/** Reads `label_history` and `alias_changes` as of a moment. */
export class AsOfReader {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * @throws NotFoundError when there is no such model, or was none yet at that moment
   * @throws InputError when the moment has not passed, or lies before what is known
   */
  async read(query: AsOfQuery): Promise<ModelAsOf> {
    return this.#knex.transaction(async tx => {
      await waitForChanges(tx, query.model);
      await checkMoment(tx, query);
      const { model, at } = query;
      const moment = { model, at: at.toISOString() };
      if (!(await wasThere(tx, query))) return { ...moment, state: 'deleted' };
      const ofModel = (await saidOf(tx, query, [THE_MODEL])).get(THE_MODEL)!;
      const aliases = await aliasesAt(tx, query);
      const page = await versionsAt(tx, query);
      const ofVersions = await saidOf(tx, query, page.rows);
      return {
        ...moment,
        state: 'there',
        description: ofModel.description,
        tags: ofModel.tags,
        aliases,
        versions: page.rows.map(version => {
          const { stage, ...labels } = ofVersions.get(version)!;
          return {
            version,
            ...labels,
            ...(stage && { stage }),
            aliases: aliases.flatMap(one =>
              one.version === version ? one.alias : [],
            ),
          };
        }),
        nextCursor: page.nextCursor,
      };
    });
  }
}

/**
 * Whoever changes what is said of a model holds its lock. A change that has taken its moment and is not
 * committed yet is waited for, so that no later answer about the same moment differs.
 */
async function waitForChanges(
  tx: Knex.Transaction,
  model: string,
): Promise<void> {
  const row = await tx('models')
    .where({ name: model })
    .forShare()
    .first('name');
  if (!row) throw new NotFoundError(`There is no model '${model}'`);
}

async function checkMoment(
  tx: Knex.Transaction,
  { model, at }: AsOfQuery,
): Promise<void> {
  const { rows } = await tx.raw(
    `select date_trunc('milliseconds', clock_timestamp()) as now, first.valid_from as since, first.found
     from (
       select valid_from, found from label_history
       where model = ? and version = ? and field = 'deleted_at'
       order by valid_from, id limit 1
     ) as first`,
    [model, THE_MODEL],
  );
  const [{ now, since, found }]: { now: Date; since: Date; found: boolean }[] =
    rows;
  // Within the current millisecond there may still come a change.
  if (at >= now) {
    throw new InputError(
      `at: ${at.toISOString()} has not passed: expected a moment before ${now.toISOString()}`,
    );
  }
  if (at >= since) return;
  if (found) {
    throw new InputError(
      `at: what was said of the model '${model}' is not known before ${since.toISOString()}, when the registry began to keep it: ask for a later moment; where an alias pointed before is told by /models/${model}/aliases/<alias>?at=`,
    );
  }
  throw new NotFoundError(
    `There was no model '${model}' at ${at.toISOString()}: it was registered at ${since.toISOString()}`,
  );
}

/** Where the latest change of a field until the moment is looked up, for rows that are named by SQL. */
const valueAt = (row: { model: string; version: string; field: string }) =>
  `(select value from label_history
    where model = ${row.model} and version = ${row.version} and field = ${row.field} and valid_from <= :at
    order by valid_from desc, id desc limit 1)`;

async function wasThere(
  tx: Knex.Transaction,
  { model, at }: AsOfQuery,
): Promise<boolean> {
  const value = valueAt({
    model: ':model',
    version: String(THE_MODEL),
    field: `'deleted_at'`,
  });
  const { rows } = await tx.raw(`select ${value} = 'null' as there`, {
    model,
    at,
  });
  return rows[0].there;
}

async function aliasesAt(
  tx: Knex.Transaction,
  { model, at }: AsOfQuery,
): Promise<{ alias: string; version: number }[]> {
  // The names are found one after the other in the index: a few, among many moves.
  const { rows } = await tx.raw(
    `with recursive names (alias) as (
       (select alias from alias_changes where model = :model order by alias limit 1)
       union all
       select (
         select alias from alias_changes
         where model = :model and alias > names.alias order by alias limit 1
       ) from names where names.alias is not null
     )
     select names.alias, change.version from names
     cross join lateral (
       select version from alias_changes
       where model = :model and alias = names.alias and valid_from <= :at
       order by valid_from desc, id desc limit 1
     ) as change
     where change.version is not null
     order by names.alias`,
    { model, at },
  );
  return rows;
}

/** Numbers of those that were there, newest first. */
async function versionsAt(
  tx: Knex.Transaction,
  query: AsOfQuery,
): Promise<{ rows: number[]; nextCursor?: string }> {
  const { model, at, limit = DEFAULT_LIMIT, cursor } = query;
  const deletion = valueAt({
    model: 'versions.model',
    version: 'versions.version',
    field: `'deleted_at'`,
  });
  const { rows } = await tx.raw(
    `select version from versions
     where model = :model and version < :before and ${deletion} = 'null'
     order by version desc limit :limit`,
    {
      model,
      at,
      limit: limit + 1,
      before:
        cursor === undefined ? 2 ** 31 - 1 : decodeCursor(cursor, 'number'),
    },
  );
  return toPage(
    rows.map((row: { version: number }) => row.version),
    limit,
    version => version,
  );
}

/** What was said of each of the versions, or of the model. */
async function saidOf(
  tx: Knex.Transaction,
  { model, at }: AsOfQuery,
  versions: number[],
): Promise<Map<number, Said>> {
  const value = valueAt({
    model: ':model',
    version: 'wanted.version',
    field: 'fields.field',
  });
  const { rows } = await tx.raw(
    `select version, jsonb_object_agg(field, ${value}) as said
     from unnest(cast(:versions as integer[])) as wanted (version)
     cross join unnest(cast(:fields as text[])) as fields (field)
     group by version`,
    { model, at, versions, fields: ['description', 'tags', 'stage'] },
  );
  return new Map(
    rows.map(({ version, said }: { version: number; said: Said }) => [
      version,
      said,
    ]),
  );
}
