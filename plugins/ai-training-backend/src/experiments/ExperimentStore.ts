import { ConflictError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  Experiment,
  ExperimentQuery,
  Lifecycle,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { decodeCursor, encodeCursor } from '../cursor';
import type { OwnerCondition } from '../permissions';
import { noExperimentId, unknownExperiment } from './failures';
import { toArtifactLocation } from '../runs/selectRuns';

const DEFAULT_LIMIT = 50;
const UNIQUE_VIOLATION = '23505';

/** Of experiments `e`, all that an {@link Experiment} is made from. */
const COLUMNS = `
  e.*,
  (select json_object_agg(key, value order by key) from experiment_tags where experiment = e.id) as tags`;

interface ExperimentRow {
  id: string;
  name: string;
  owner: string;
  artifact_location: string | null;
  lifecycle: Lifecycle;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  tags: Record<string, string> | null;
}

/** The `experiments` table, and the tags of experiments. */
export class ExperimentStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Experiments with their tags, in one round trip, in the order of the ids; undefined where there is
   * none, also where an id is no number.
   */
  async getMany(
    ids: readonly string[],
    tx: Knex = this.#knex,
  ): Promise<(Experiment | undefined)[]> {
    const numbers = [...new Set(ids.filter(isExperimentId))];
    if (numbers.length === 0) return ids.map(() => undefined);
    const { rows } = await tx.raw<{ rows: ExperimentRow[] }>(
      `select ${COLUMNS} from experiments e where e.id = any(?::bigint[])`,
      [numbers],
    );
    const found = new Map(rows.map(row => [row.id, toExperiment(row)]));
    return ids.map(id => found.get(id));
  }

  /** @throws NotFoundError when there is no such experiment */
  async get(id: string, tx: Knex = this.#knex): Promise<Experiment> {
    const [experiment] = await this.getMany([id], tx);
    if (!experiment) throw unknownExperiment(id);
    return experiment;
  }

  /** Also a deleted one; undefined when there is none. */
  async findByName(name: string): Promise<Experiment | undefined> {
    const { rows } = await this.#knex.raw<{ rows: ExperimentRow[] }>(
      `select ${COLUMNS} from experiments e where e.name = ?`,
      [name],
    );
    return rows.length > 0 ? toExperiment(rows[0]) : undefined;
  }

  /** The one that was changed last first, a page at a time. */
  async list(
    query: ExperimentQuery & { visible?: PermissionCriteria<OwnerCondition> },
  ): Promise<{ items: Experiment[]; nextCursor?: string }> {
    const { limit = DEFAULT_LIMIT, lifecycle = 'active', visible } = query;
    const page = this.#knex('experiments as e')
      .select(this.#knex.raw(COLUMNS))
      .where('e.lifecycle', lifecycle)
      .orderBy([
        { column: 'e.updated_at', order: 'desc' },
        { column: 'e.id', order: 'desc' },
      ])
      .limit(limit + 1);
    if (query.owner !== undefined) page.where('e.owner', query.owner);
    for (const word of (query.search ?? '').toLowerCase().split(/\s+/)) {
      if (word) page.whereRaw('position(? in lower(e.name)) > 0', [word]);
    }
    if (visible) page.where(nested => whereVisible(nested, visible));
    if (query.cursor !== undefined) {
      const [updatedAt, id] = decodeCursor(query.cursor, 2);
      page.whereRaw('(e.updated_at, e.id) < (?::timestamptz, ?::bigint)', [
        updatedAt,
        id,
      ] as Knex.Value[]);
    }
    const rows: ExperimentRow[] = await page;
    const items = rows.slice(0, limit).map(toExperiment);
    const last = items.at(-1);
    return {
      items,
      ...(rows.length > limit &&
        last && { nextCursor: encodeCursor([last.updatedAt, last.id]) }),
    };
  }

  /**
   * @returns its id
   * @throws ConflictError when the name is taken
   */
  async insert(
    tx: Knex.Transaction,
    experiment: {
      name: string;
      owner: string;
      artifactLocation?: string;
      tags: Record<string, string>;
      createdBy: string;
    },
  ): Promise<string> {
    const { name, owner, artifactLocation, tags, createdBy } = experiment;
    const [inserted] = await tx('experiments')
      .insert({
        name,
        owner,
        artifact_location: artifactLocation,
        created_by: createdBy,
      })
      .onConflict('name')
      .ignore()
      .returning('id');
    if (!inserted) throw nameTaken(name);
    await this.setTags(tx, inserted.id, tags);
    return inserted.id;
  }

  /**
   * Locks it for the rest of the transaction, so that changes to it happen one after the other.
   *
   * @throws NotFoundError when there is no such experiment
   */
  async lock(tx: Knex.Transaction, id: string): Promise<Experiment> {
    if (!isExperimentId(id)) throw noExperimentId(id);
    await tx('experiments').where({ id }).forUpdate().first('id');
    return this.get(id, tx);
  }

  /** @throws ConflictError when the name is taken */
  async update(
    tx: Knex.Transaction,
    id: string,
    changes: { name?: string; owner?: string },
  ): Promise<void> {
    try {
      await tx('experiments')
        .where({ id })
        .update({ ...changes, updated_at: tx.raw('clock_timestamp()') });
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      throw nameTaken(String(changes.name));
    }
  }

  async setTags(
    tx: Knex.Transaction,
    id: string,
    tags: Record<string, string>,
  ): Promise<void> {
    await tx.raw(
      `insert into experiment_tags (experiment, key, value)
       select ?::bigint, key, value from unnest(?::text[], ?::text[]) as tag (key, value)
       on conflict (experiment, key) do update set value = excluded.value`,
      [id, Object.keys(tags), Object.values(tags)],
    );
  }

  /** @returns false when there is no such tag */
  async deleteTag(
    tx: Knex.Transaction,
    id: string,
    key: string,
  ): Promise<boolean> {
    return (
      (await tx('experiment_tags').where({ experiment: id, key }).del()) > 0
    );
  }

  /** With its runs: those that are deleted with it are those that come back with it. */
  async setLifecycle(
    tx: Knex.Transaction,
    id: string,
    lifecycle: Lifecycle,
  ): Promise<void> {
    if (lifecycle === 'deleted') {
      await tx.raw(
        `with gone as (
           update experiments set lifecycle = 'deleted', updated_at = clock_timestamp()
           where id = ? returning id, updated_at)
         update runs set lifecycle = 'deleted', deleted_at = gone.updated_at
         from gone where experiment = gone.id and lifecycle = 'active'`,
        [id],
      );
    } else {
      await tx.raw(
        `update runs set lifecycle = 'active', deleted_at = null
         from experiments e
         where e.id = ? and experiment = e.id and runs.lifecycle = 'deleted' and deleted_at = e.updated_at`,
        [id],
      );
      await tx('experiments')
        .where({ id })
        .update({ lifecycle, updated_at: tx.raw('clock_timestamp()') });
    }
  }
}

function nameTaken(name: string): ConflictError {
  return new ConflictError(`Experiment(name=${name}) already exists.`);
}

/** Of experiments `e`, those that somebody may see. */
export function whereVisible(
  builder: Knex.QueryBuilder,
  criteria: PermissionCriteria<OwnerCondition>,
): void {
  if ('allOf' in criteria) {
    for (const part of criteria.allOf) {
      builder.where(nested => whereVisible(nested, part));
    }
  } else if ('anyOf' in criteria) {
    for (const part of criteria.anyOf) {
      builder.orWhere(nested => whereVisible(nested, part));
    }
  } else if ('not' in criteria) {
    builder.whereNot(nested => whereVisible(nested, criteria.not));
  } else if ('nameLike' in criteria) {
    builder.whereRaw('e.id::text like any(?)', [criteria.nameLike]);
  } else {
    builder.whereRaw('e.owner = any(?)', [criteria.ownerIn]);
  }
}

/** Whether it is a number that an experiment can have. */
export function isExperimentId(id: string): boolean {
  return /^(?:0|[1-9]\d{0,17})$/.test(id);
}

function toExperiment(row: ExperimentRow): Experiment {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    artifactLocation: toArtifactLocation(row.artifact_location, row.id),
    lifecycle: row.lifecycle,
    tags: row.tags ?? {},
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}
