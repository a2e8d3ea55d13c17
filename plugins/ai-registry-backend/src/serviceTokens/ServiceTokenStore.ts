import { ConflictError } from '@backstage/errors';
import { ISSUED_TOKENS_TABLE } from '@greenroom/ai-node';
import type {
  NewServiceToken,
  ServiceToken,
  ServiceTokenScope,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';

interface ServiceTokenRow {
  name: string;
  owner: string;
  prefix: string;
  scopes: ServiceTokenScope[];
  created_at: Date;
  created_by: string;
  expires_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** The table of tokens that were issued in the portal. */
export class ServiceTokenStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** The newest first. */
  async list(limit: number): Promise<ServiceToken[]> {
    const rows: ServiceTokenRow[] = await this.#knex<ServiceTokenRow>(
      ISSUED_TOKENS_TABLE,
    )
      .orderByRaw('revoked_at is not null, created_at desc, name')
      .limit(limit);
    return rows.map(toServiceToken);
  }

  /** Tokens that were not revoked; whoever issues one waits for the others. */
  async countValid(tx: Knex.Transaction): Promise<number> {
    await tx.raw(
      `select pg_advisory_xact_lock(hashtextextended('service_tokens', 0))`,
    );
    const [{ count }] = await tx(ISSUED_TOKENS_TABLE)
      .whereNull('revoked_at')
      .count();
    return Number(count);
  }

  /** @throws ConflictError when the name was given before */
  async insert(
    tx: Knex.Transaction,
    token: NewServiceToken & {
      sha256: string;
      prefix: string;
      createdBy: string;
    },
  ): Promise<ServiceToken> {
    const [row] = await tx(ISSUED_TOKENS_TABLE)
      .insert({
        name: token.name,
        owner: token.owner,
        sha256: token.sha256,
        prefix: token.prefix,
        scopes: JSON.stringify(token.scopes),
        created_by: token.createdBy,
        expires_at: token.expiresAt,
      })
      .onConflict('name')
      .ignore()
      .returning<ServiceTokenRow[]>('*');
    if (!row) {
      throw new ConflictError(
        `name '${token.name}' was given to a token before: choose another, so that records tell them apart`,
      );
    }
    return toServiceToken(row);
  }

  async find(name: string): Promise<ServiceToken | undefined> {
    const [row] = await this.#knex<ServiceTokenRow>(ISSUED_TOKENS_TABLE).where({
      name,
    });
    return row && toServiceToken(row);
  }

  /** @returns undefined when there is none, or it was revoked before */
  async revoke(
    tx: Knex.Transaction,
    { name, revokedBy }: { name: string; revokedBy: string },
  ): Promise<ServiceToken | undefined> {
    const [row] = await tx(ISSUED_TOKENS_TABLE)
      .where({ name })
      .whereNull('revoked_at')
      .update({ revoked_at: tx.fn.now(), revoked_by: revokedBy })
      .returning<ServiceTokenRow[]>('*');
    return row && toServiceToken(row);
  }
}

function toServiceToken(row: ServiceTokenRow): ServiceToken {
  return {
    name: row.name,
    owner: row.owner,
    scopes: row.scopes,
    source: 'portal',
    expiresAt: row.expires_at.toISOString(),
    prefix: row.prefix,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at?.toISOString(),
    revokedAt: row.revoked_at?.toISOString(),
  };
}
