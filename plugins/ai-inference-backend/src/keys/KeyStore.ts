import type {
  ApiKey,
  KeyScope,
  RequestLimits,
  TokenLimits,
} from '@greenroom/plugin-ai-inference-common';
import type { Page } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { KeyChange } from '../snapshots/AccessLog';
import type { KeyLimits } from './parseLimits';
import { decodeKeyCursor, encodeKeyCursor, ID_PATTERN } from './keyCursor';

interface KeyRow {
  id: string;
  purpose: 'caller' | 'playground';
  name: string;
  owner: string;
  sha256: string;
  prefix: string;
  models: string[];
  created_at: Date;
  created_by: string;
  expires_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
  /** bigint arrives as text. */
  tokens_per_minute: string | null;
  tokens_per_day: string | null;
  token_limit_mode: TokenLimits['mode'] | null;
  request_limits: RequestLimits | null;
  scopes: KeyScope[];
  /** bigint arrives as text. */
  change_id: string;
}

export interface StoredKey extends ApiKey {
  sha256: string;
  purpose: KeyRow['purpose'];
}

export interface KeyListQuery {
  /** Only keys that this person issued, or that one of these owns; everybody's when undefined. */
  visibleTo?: { createdBy: string; owners: string[] };
  limit: number;
  cursor?: string;
}

/** The table of keys. */
export class KeyStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async insert(key: StoredKey, tx: Knex = this.#knex): Promise<void> {
    await tx('api_keys').insert({
      id: key.id,
      purpose: key.purpose,
      name: key.name,
      owner: key.owner,
      sha256: key.sha256,
      prefix: key.prefix,
      models: key.models,
      created_at: key.createdAt,
      created_by: key.createdBy,
      expires_at: key.expiresAt,
      scopes: key.scopes,
      ...limitColumns(key),
    });
  }

  /** @returns undefined when the key was revoked */
  async setLimits(
    tx: Knex.Transaction,
    options: { id: string; limits: KeyLimits },
  ): Promise<ApiKey | undefined> {
    const [row] = await tx('api_keys')
      .where({ id: options.id, purpose: 'caller' })
      .whereNull('revoked_at')
      .update(limitColumns(options.limits))
      .returning<KeyRow[]>('*');
    return row && toApiKey(row);
  }

  /** @returns undefined when the key was revoked */
  async setScopes(
    tx: Knex.Transaction,
    options: { id: string; scopes: KeyScope[] },
  ): Promise<ApiKey | undefined> {
    const [row] = await tx('api_keys')
      .where({ id: options.id, purpose: 'caller' })
      .whereNull('revoked_at')
      .update({ scopes: options.scopes })
      .returning<KeyRow[]>('*');
    return row && toApiKey(row);
  }

  /** Keys of people, newest first, a page at a time. */
  async list(query: KeyListQuery): Promise<Page<ApiKey>> {
    const { visibleTo, limit, cursor } = query;
    const matching = this.#knex<KeyRow>('api_keys')
      .where('purpose', 'caller')
      .modify(builder => {
        if (!visibleTo) return;
        const { createdBy, owners } = visibleTo;
        builder.where(mine =>
          mine
            .where('created_by', createdBy)
            .orWhereRaw('owner = any(?)', [owners]),
        );
      });
    const [{ count }] = await matching.clone().count();
    const rows: KeyRow[] = await matching
      .clone()
      .modify(builder => {
        if (cursor === undefined) return;
        const { createdAt, id } = decodeKeyCursor(cursor);
        builder.whereRaw('(created_at, id) < (?::timestamptz, ?::uuid)', [
          createdAt,
          id,
        ]);
      })
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit + 1);
    const items = rows.slice(0, limit).map(row => toApiKey(row));
    const last = items.at(-1);
    return {
      items,
      totalItems: Number(count),
      nextCursor:
        rows.length > limit && last ? encodeKeyCursor(last) : undefined,
    };
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
  async listGrants(now: Date): Promise<KeyChange[]> {
    const rows = await this.#knex<KeyRow>('api_keys')
      .whereNull('revoked_at')
      .where('expires_at', '>', now)
      .orderBy('change_id');
    return rows.map((row: KeyRow) => toChange(row));
  }

  /** What has changed after a change, oldest first. */
  async listChanges(after: number): Promise<KeyChange[]> {
    const rows = await this.#knex<KeyRow>('api_keys')
      .where('change_id', '>', after)
      .orderBy('change_id');
    return rows.map((row: KeyRow) => toChange(row));
  }

  async recordUse(ids: string[], now: Date): Promise<void> {
    // What is no id at all cannot be a key's, and would be an error in SQL.
    const known = ids.filter(id => ID_PATTERN.test(id));
    await this.#knex('api_keys')
      .whereRaw('id = any(?::uuid[])', [known])
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

function limitColumns({ limits, requestLimits }: KeyLimits) {
  return {
    request_limits: requestLimits ? JSON.stringify(requestLimits) : null,
    tokens_per_minute: limits?.perMinute ?? null,
    tokens_per_day: limits?.perDay ?? null,
    token_limit_mode: limits?.mode ?? null,
  };
}

function toLimits(row: KeyRow): KeyLimits {
  const { token_limit_mode: mode, request_limits: requestLimits } = row;
  const { tokens_per_minute: perMinute, tokens_per_day: perDay } = row;
  return {
    ...(mode !== null && {
      limits: {
        ...(perMinute !== null && { perMinute: Number(perMinute) }),
        ...(perDay !== null && { perDay: Number(perDay) }),
        mode,
      },
    }),
    ...(requestLimits !== null && { requestLimits }),
  };
}

function toChange(row: KeyRow): KeyChange {
  const changeId = Number(row.change_id);
  if (row.revoked_at) return { changeId, id: row.id };
  return {
    changeId,
    id: row.id,
    grant: {
      id: row.id,
      name: row.name,
      owner: row.owner,
      sha256: row.sha256,
      models: row.models,
      expiresAt: row.expires_at.toISOString(),
      scopes: row.scopes,
      ...toLimits(row),
    },
  };
}

function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    prefix: row.prefix,
    models: row.models,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString(),
    scopes: row.scopes,
    ...toLimits(row),
  };
}
