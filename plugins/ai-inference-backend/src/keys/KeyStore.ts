import type { ApiKey, KeyGrant } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';

interface KeyRow {
  id: string;
  purpose: 'caller' | 'playground';
  name: string;
  sha256: string;
  prefix: string;
  models: string[];
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface StoredKey extends ApiKey {
  sha256: string;
  purpose: KeyRow['purpose'];
}

/** The table of keys. */
export class KeyStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  transaction<T>(work: (tx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.#knex.transaction(work);
  }

  async insert(key: StoredKey, tx: Knex = this.#knex): Promise<void> {
    await tx('api_keys').insert({
      id: key.id,
      purpose: key.purpose,
      name: key.name,
      sha256: key.sha256,
      prefix: key.prefix,
      models: key.models,
      created_at: key.createdAt,
      created_by: key.createdBy,
      expires_at: key.expiresAt ?? null,
    });
  }

  /** Keys of people, newest first; only those of one person when `createdBy` is set. */
  async list(query: { createdBy?: string } = {}): Promise<ApiKey[]> {
    const rows = await this.#knex<KeyRow>('api_keys')
      .where('purpose', 'caller')
      .modify(builder => {
        if (query.createdBy) builder.where('created_by', query.createdBy);
      })
      .orderBy('created_at', 'desc');
    return rows.map((row: KeyRow) => toApiKey(row));
  }

  async find(id: string): Promise<ApiKey | undefined> {
    const [row] = await this.#knex<KeyRow>('api_keys').where({
      id,
      purpose: 'caller',
    });
    return row && toApiKey(row);
  }

  /** @returns undefined when the key was revoked already */
  async revoke(
    tx: Knex.Transaction,
    options: { id: string; revokedBy: string; now: Date },
  ): Promise<ApiKey | undefined> {
    const [row] = await tx('api_keys')
      .where({ id: options.id, purpose: 'caller' })
      .whereNull('revoked_at')
      .update({ revoked_at: options.now, revoked_by: options.revokedBy })
      .returning<KeyRow[]>('*');
    return row && toApiKey(row);
  }

  /** What data planes are told: every key that is neither revoked nor over. */
  async listGrants(now: Date): Promise<KeyGrant[]> {
    const rows = await this.#knex<KeyRow>('api_keys')
      .whereNull('revoked_at')
      .where(builder =>
        builder.whereNull('expires_at').orWhere('expires_at', '>', now),
      );
    return rows.map(row => ({
      id: row.id,
      name: row.name,
      sha256: row.sha256,
      models: row.models,
      expiresAt: row.expires_at?.toISOString(),
    }));
  }

  async recordUse(ids: string[], now: Date): Promise<void> {
    await this.#knex('api_keys')
      .whereRaw('id::text = any(?)', [ids])
      .update({ last_used_at: now });
  }

  /** Forgets the playground's keys that are over. */
  async removeExpiredPlaygroundKeys(now: Date): Promise<void> {
    await this.#knex('api_keys')
      .where('purpose', 'playground')
      .where('expires_at', '<=', now)
      .delete();
  }
}

function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    models: row.models,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString(),
    revokedAt: row.revoked_at?.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString(),
  };
}
