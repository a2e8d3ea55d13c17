import { ConflictError, NotFoundError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type {
  Dataset,
  DatasetQuery,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { decodeCursor, toPage } from '../paging/cursor';
import type { OwnerCondition } from '../permissions';
import { findCandidates } from '../search/findCandidates';
import { whereMatches } from '../search/whereMatches';

/** What is written of a dataset; the rest follows from its versions. */
export type DatasetFields = Pick<
  Dataset,
  'name' | 'title' | 'description' | 'owner' | 'tags'
>;

interface DatasetRow {
  name: string;
  title: string;
  description: string;
  owner: string;
  tags: Record<string, string>;
  last_version: number;
  created_at: Date;
  created_by: string;
  updated_at: Date;
}

const DEFAULT_LIMIT = 50;

/** The `datasets` table. */
export class DatasetStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Datasets by name, a page at a time. */
  async list(
    query: DatasetQuery & { visible?: PermissionCriteria<OwnerCondition> },
  ): Promise<Page<Dataset>> {
    const { limit = DEFAULT_LIMIT, cursor } = query;
    const candidates = await findCandidates(
      this.#knex,
      'datasets',
      query.search,
    );
    const matching = this.#knex('datasets').where(builder => {
      if (candidates) builder.whereRaw('name = any(?)', [candidates]);
      whereMatches(builder, query);
    });
    const page = matching
      .clone()
      .select<DatasetRow[]>('*')
      .orderBy('name')
      .limit(limit + 1);
    if (cursor !== undefined) {
      page.where('name', '>', decodeCursor(cursor, 'string'));
    }
    const [found, [{ count }]] = await Promise.all([
      page,
      matching.clone().count(),
    ]);
    const { rows, nextCursor } = toPage(found, limit, row => row.name);
    return {
      items: rows.map(toDataset),
      totalItems: Number(count),
      nextCursor,
    };
  }

  /** Throws a NotFoundError when there is no such dataset. */
  async get(name: string, tx: Knex = this.#knex): Promise<Dataset> {
    const [dataset] = await this.getMany([name], tx);
    if (!dataset) throw unknownDataset(name);
    return dataset;
  }

  /** In the order of the names; undefined where there is no such dataset. */
  async getMany(
    names: string[],
    tx: Knex = this.#knex,
  ): Promise<(Dataset | undefined)[]> {
    const rows = await tx<DatasetRow>('datasets')
      .whereRaw('name = any(?)', [names])
      .select('*');
    const datasets = new Map(rows.map(row => [row.name, toDataset(row)]));
    return names.map(name => datasets.get(name));
  }

  /** Throws a ConflictError when the name is taken. */
  async insert(
    tx: Knex.Transaction,
    dataset: DatasetFields & { createdBy: string },
  ): Promise<void> {
    const { createdBy, tags, ...fields } = dataset;
    const inserted = await tx('datasets')
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
        `name '${dataset.name}' is taken: choose another, or add a version to that dataset`,
      );
    }
  }

  async update(
    tx: Knex.Transaction,
    name: string,
    changes: Partial<Omit<DatasetFields, 'name'>>,
  ): Promise<void> {
    const { tags, ...fields } = changes;
    await tx('datasets')
      .where({ name })
      .update({
        ...fields,
        ...(tags && { tags: JSON.stringify(tags) }),
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /**
   * Locks the dataset for the rest of the transaction, so that changes to it happen
   * one after the other. Throws a NotFoundError when there is no such dataset.
   */
  async lock(tx: Knex.Transaction, name: string): Promise<void> {
    const row = await tx('datasets').where({ name }).forUpdate().first('name');
    if (!row) throw unknownDataset(name);
  }

  /** Takes the next version number; the dataset stays locked until the commit. */
  async takeVersionNumber(tx: Knex.Transaction, name: string): Promise<number> {
    const [taken] = await tx('datasets')
      .where({ name })
      .update({
        last_version: tx.raw('last_version + 1'),
        updated_at: tx.raw('clock_timestamp()'),
      })
      .returning('last_version');
    if (!taken) throw unknownDataset(name);
    return taken.last_version;
  }
}

function unknownDataset(name: string): NotFoundError {
  return new NotFoundError(
    `There is no dataset '${name}': create it first, or check its name`,
  );
}

function toDataset(row: DatasetRow): Dataset {
  return {
    name: row.name,
    title: row.title,
    description: row.description,
    owner: row.owner,
    tags: row.tags,
    versionCount: row.last_version,
    latestVersion: row.last_version || undefined,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}
