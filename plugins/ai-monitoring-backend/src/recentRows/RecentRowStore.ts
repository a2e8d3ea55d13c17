import { insertMany } from '@greenroom/ai-node';
import type {
  RecordBatch,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';
import type { RecentRow } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';

/** Rows that are kept of a model in an environment. */
export const MOST_ROWS = 2_000;
/** Values of all of them: of wide rows fewer are kept. */
const MOST_VALUES = 1_000_000;
export const KEEP_MILLIS = 24 * 3_600_000;

interface RecentRowRow {
  version: number;
  at: Date;
  row: Omit<RecordSample, 'at'>;
}

interface Place {
  environment: string;
  model: string;
}

/** The last rows of models that ask for it. */
export class RecentRowStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Keeps the sampled rows of a batch, in its transaction. */
  async add(
    tx: Knex.Transaction,
    { environment, groups }: RecordBatch,
    isKept: (model: string) => boolean,
  ): Promise<void> {
    const models = new Set(
      groups
        .filter(({ samples, version }) => samples.length > 0 && version > 0)
        .map(({ model }) => model),
    );
    for (const model of [...models].filter(isKept).sort()) {
      const rows = groups
        .filter(group => group.model === model && group.version > 0)
        .flatMap(({ version, samples }) =>
          samples.map(({ at, ...row }) => ({ version, at, row })),
        )
        .sort((a, b) => a.at - b.at);
      const width = Math.max(...rows.map(({ row }) => row.features.length), 1);
      const most = Math.min(MOST_ROWS, Math.ceil(MOST_VALUES / width));
      await insertMany(tx, {
        table: 'recent_rows',
        columns: {
          environment: 'text',
          model: 'text',
          version: 'integer',
          at: 'timestamptz',
          row: 'json',
        },
        rows: rows.slice(-most).map(({ version, at, row }) => ({
          environment,
          model,
          version,
          at: new Date(at),
          row,
        })),
      });
      await tx.raw(
        `delete from recent_rows where environment = :environment and model = :model
         and id <= (
           select id from recent_rows
           where environment = :environment and model = :model
           order by id desc offset :most limit 1
         )`,
        { environment, model, most },
      );
    }
  }

  /** The newest first. */
  async list(
    query: Place & { version?: number; limit: number },
  ): Promise<RecentRow[]> {
    const { environment, model, version, limit } = query;
    const rows: RecentRowRow[] = await this.#knex('recent_rows')
      .where({ environment, model, ...(version !== undefined && { version }) })
      .orderBy('id', 'desc')
      .limit(limit);
    return rows.map(({ at, row, ...each }) => ({
      version: each.version,
      at: at.toISOString(),
      ...row,
    }));
  }

  async forgetBefore(before: Date): Promise<void> {
    await this.#knex('recent_rows').where('at', '<', before).delete();
  }

  /** Forgets the rows of all other models. */
  async forgetOthers(kept: Place[]): Promise<void> {
    await this.#knex.raw(
      `delete from recent_rows where not exists (
         select 1 from unnest(?::text[], ?::text[]) as kept (environment, model)
         where kept.environment = recent_rows.environment and kept.model = recent_rows.model
       )`,
      [
        kept.map(({ environment }) => environment),
        kept.map(({ model }) => model),
      ],
    );
  }
}
