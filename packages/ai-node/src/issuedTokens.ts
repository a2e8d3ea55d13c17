import { DatabaseManager } from '@backstage/backend-defaults/database';
import {
  coreServices,
  createServiceFactory,
  createServiceRef,
  type LoggerService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import type { Knex } from 'knex';
import { createHash, randomBytes } from 'node:crypto';
import type { ServiceToken } from './serviceToken';
import type { TokenScope } from './tokenTerms';

export const ISSUED_TOKENS_TABLE = 'service_tokens';
/** Tokens of processes that a plugin runs by itself: made anew at each start, and valid for minutes. */
export const PROCESS_TOKENS_TABLE = 'process_tokens';
/** Who answers for them: they are no person's, and have no place among the tokens in Settings. */
const PROCESS_OWNER = 'service:greenroom';

/** Tells these tokens from all others, so that those cost no query. */
const PREFIX = 'grt_';
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 8;

/** A revocation counts everywhere after this time at the latest, and a moment for the query. */
const FRESH_MILLIS = 1_000;
/** How exactly it is known when a token was used last. */
const USE_MILLIS = 60_000;
/** How long the token of a process is kept after it has lapsed. */
const FORGOTTEN_MILLIS = 7 * 24 * 60 * 60_000;
/** PostgreSQL's code for a table that is not there: the registry has not been started yet. */
const UNDEFINED_TABLE = '42P01';

interface IssuedTokenRow {
  name: string;
  owner: string;
  sha256: string;
  expires_at: Date;
  scopes: TokenScope[];
}

/** A new token, what it is known by afterwards, and what people recognize it by. */
export function createIssuedToken(): {
  secret: string;
  sha256: string;
  prefix: string;
} {
  const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return {
    secret,
    sha256: sha256Of(secret),
    prefix: secret.slice(0, PREFIX.length + SHOWN_CHARACTERS),
  };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The tokens that were issued in the portal, as every plugin of the process checks them.
 *
 * @remarks
 *
 * They are read from the registry's database as a whole, at most once a second, and only when
 * somebody comes with such a token: made-up ones cost no more than real ones.
 */
export class IssuedTokens {
  readonly #connect: () => Promise<Knex>;
  readonly #logger: LoggerService;
  readonly #nowMillis: () => number;
  #loaded: { byHash: Map<string, ServiceToken>; atMillis: number } | undefined;
  #loading: Promise<Map<string, ServiceToken>> | undefined;
  readonly #usedMillis = new Map<string, number>();

  constructor(options: {
    /** The database with the table of tokens; asked for when the first token comes. */
    connect: () => Promise<Knex>;
    logger: LoggerService;
    nowMillis?: () => number;
  }) {
    this.#connect = options.connect;
    this.#logger = options.logger;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /**
   * Undefined for one that was never issued here, or was revoked.
   *
   * @throws ServiceUnavailableError when the database does not answer
   */
  async findByText(text: string): Promise<ServiceToken | undefined> {
    if (!text.startsWith(PREFIX)) return undefined;
    return (await this.#read()).get(sha256Of(text));
  }

  /** @throws ServiceUnavailableError when the database does not answer */
  async findByName(name: string): Promise<ServiceToken | undefined> {
    for (const token of (await this.#read()).values()) {
      if (token.name === name) return token;
    }
    return undefined;
  }

  /**
   * Gives a process that a plugin runs a token of its own. It lapses unless it is renewed, so that
   * it ends with whoever looks after the process, however that one ends.
   *
   * @param options.name - never used before
   */
  async lend(options: {
    name: string;
    scopes: TokenScope[];
    lifetimeMillis: number;
  }): Promise<{ secret: string }> {
    const { name, scopes, lifetimeMillis } = options;
    const { secret, sha256 } = createIssuedToken();
    const knex = await this.#connect();
    // One that lapsed lately is left: after an outage of the database it is renewed.
    await knex(PROCESS_TOKENS_TABLE)
      .where('expires_at', '<', inMillis(knex, -FORGOTTEN_MILLIS))
      .delete();
    await knex(PROCESS_TOKENS_TABLE).insert({
      name,
      sha256,
      scopes: JSON.stringify(scopes),
      expires_at: inMillis(knex, lifetimeMillis),
    });
    // Who comes with it next is known at once, at least in this process.
    this.#loaded = undefined;
    return { secret };
  }

  /**
   * Lengthens the life of lent tokens.
   *
   * @returns names of those that there still are
   */
  async renew(names: string[], lifetimeMillis: number): Promise<string[]> {
    const knex = await this.#connect();
    const rows: { name: string }[] = await knex(PROCESS_TOKENS_TABLE)
      .whereIn('name', names)
      .update({ expires_at: inMillis(knex, lifetimeMillis) })
      .returning('name');
    return rows.map(({ name }) => name);
  }

  /** Ends a lent token, whose process has ended. */
  async takeBack(name: string): Promise<void> {
    const knex = await this.#connect();
    await knex(PROCESS_TOKENS_TABLE).where({ name }).delete();
    this.#loaded = undefined;
  }

  /**
   * Remembers when the token was used last, to the minute; nobody waits for it. Nobody asks that
   * of the token of a process, which has a new name at each start.
   */
  noteUse({ name, owner }: ServiceToken): void {
    if (owner === PROCESS_OWNER) return;
    const nowMillis = this.#nowMillis();
    const usedMillis = this.#usedMillis.get(name) ?? -Infinity;
    if (nowMillis - usedMillis < USE_MILLIS) return;
    this.#usedMillis.set(name, nowMillis);
    this.#connect()
      .then(knex =>
        knex(ISSUED_TOKENS_TABLE)
          .where({ name })
          .update({ last_used_at: knex.fn.now() }),
      )
      .catch(error =>
        this.#logger.warn(
          `The use of the token '${name}' could not be noted`,
          toError(error),
        ),
      );
  }

  async #read(): Promise<Map<string, ServiceToken>> {
    if (
      this.#loaded &&
      this.#nowMillis() - this.#loaded.atMillis < FRESH_MILLIS
    ) {
      return this.#loaded.byHash;
    }
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<Map<string, ServiceToken>> {
    // As of before the query: what is revoked while it runs is seen by the next one.
    const atMillis = this.#nowMillis();
    const byHash = await this.#query();
    this.#loaded = { byHash, atMillis };
    return byHash;
  }

  async #query(): Promise<Map<string, ServiceToken>> {
    try {
      const knex = await this.#connect();
      const rows = await Promise.all([
        rowsOf(
          knex<IssuedTokenRow>(ISSUED_TOKENS_TABLE)
            .whereNull('revoked_at')
            .select('name', 'owner', 'sha256', 'expires_at', 'scopes'),
        ),
        rowsOf(
          knex<IssuedTokenRow>(PROCESS_TOKENS_TABLE).select(
            'name',
            knex.raw('? as owner', [PROCESS_OWNER]),
            'sha256',
            'expires_at',
            'scopes',
          ),
        ),
      ]);
      return new Map(rows.flat().map(row => [row.sha256, toServiceToken(row)]));
    } catch (error) {
      throw new ServiceUnavailableError(
        'The database does not answer, so that nobody can tell whether the token is valid: try again in some seconds',
        error,
      );
    }
  }
}

/** None where the table is not there yet. */
async function rowsOf(
  query: PromiseLike<IssuedTokenRow[]>,
): Promise<IssuedTokenRow[]> {
  try {
    return await query;
  } catch (error) {
    if (Object(error).code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

function inMillis(knex: Knex, millis: number): Knex.Raw {
  return knex.raw(`now() + ? * interval '1 ms'`, [millis]);
}

function toServiceToken(row: IssuedTokenRow): ServiceToken {
  return {
    name: row.name,
    owner: row.owner,
    hash: Buffer.from(row.sha256, 'hex'),
    expiresAt: row.expires_at,
    scopes: row.scopes,
    plugins: [],
  };
}

/** The tokens that were issued in the portal; one reader for all plugins of a process. */
export const issuedTokensServiceRef = createServiceRef<IssuedTokens>({
  id: 'greenroom.issued-tokens',
  scope: 'root',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: {
        config: coreServices.rootConfig,
        logger: coreServices.rootLogger,
        lifecycle: coreServices.rootLifecycle,
      },
      factory({ config, logger, lifecycle }) {
        let client: Promise<Knex> | undefined;
        return new IssuedTokens({
          logger,
          connect() {
            client ??= DatabaseManager.fromConfig(config)
              .forPlugin('ai-registry', { logger, lifecycle })
              .getClient();
            client.catch(() => {
              client = undefined;
            });
            return client;
          },
        });
      },
    }),
});
