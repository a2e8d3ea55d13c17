import type { Consumer } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';

interface ConsumerRow {
  owner: string;
  keys: string[];
  last_used_at: Date | null;
}

/** Who may call a model, as the keys say. */
export class ConsumerStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Owners of keys that are good and cover the model, those who used theirs last first. */
  async of(model: string, now: Date): Promise<Consumer[]> {
    const rows: ConsumerRow[] = await this.#knex('api_keys')
      .where('purpose', 'caller')
      .whereNull('revoked_at')
      .where('expires_at', '>', now)
      .whereRaw('models && ?::text[]', [[model, '*']])
      .groupBy('owner')
      .orderByRaw('max(last_used_at) desc nulls last, owner')
      .select('owner')
      .select(this.#knex.raw('array_agg(name order by name) as keys'))
      .max({ last_used_at: 'last_used_at' });
    return rows.map(({ owner, keys, last_used_at }) => ({
      owner,
      keys,
      ...(last_used_at && { lastUsedAt: last_used_at.toISOString() }),
    }));
  }
}
