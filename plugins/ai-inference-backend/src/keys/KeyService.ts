import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import {
  type EntityDirectory,
  OWNER_KINDS,
  requireEntity,
  userRefOf,
} from '@greenroom/ai-node';
import type {
  ApiKey,
  IssuedApiKey,
  KeyScope,
  NewApiKey,
} from '@greenroom/plugin-ai-inference-common';
import type { Page } from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import type { InferenceChanges } from '../events/announcement';
import type { ModelOwners } from '../permissions/ModelOwners';
import type { RequestUseStore } from '../requestUse/RequestUseStore';
import type { TokenUseStore } from '../tokenUse/TokenUseStore';
import { createSecret, parseNewApiKey, parseScopes } from './apiKey';
import type { KeyStore } from './KeyStore';
import {
  parseKeyLimits,
  type AskedKeyLimits,
  type KeyLimits,
} from './parseLimits';

/** Who calls. */
export interface KeyCallOptions {
  credentials: BackstageCredentials;
}

export interface KeyQuery {
  limit: number;
  cursor?: string;
  /** Also those of these owners; everybody's with `all`. */
  owners?: string[] | 'all';
}

/** The keys that callers of data planes need. */
export interface KeyService {
  /** The secret is in the answer, and nowhere else. */
  issue(key: NewApiKey, options: KeyCallOptions): Promise<IssuedApiKey>;

  /** The caller's own keys, newest first. */
  list(query: KeyQuery, options: KeyCallOptions): Promise<Page<ApiKey>>;

  /** @throws NotFoundError */
  get(id: string): Promise<ApiKey>;

  /** All of them, in force at data planes within two seconds. */
  setLimits(
    id: string,
    limits: AskedKeyLimits,
    options: KeyCallOptions,
  ): Promise<ApiKey>;

  /** All of them, in force at data planes within two seconds. */
  setScopes(
    id: string,
    scopes: readonly KeyScope[],
    options: KeyCallOptions,
  ): Promise<ApiKey>;

  /** Data planes refuse the key within two seconds. Revoking twice changes nothing. */
  revoke(id: string, options: KeyCallOptions): Promise<ApiKey>;
}

export class DefaultKeyService implements KeyService {
  readonly #keys: KeyStore;
  readonly #tokenUse: Pick<TokenUseStore, 'usedToday'>;
  readonly #requestUse: Pick<RequestUseStore, 'lastMinute'>;
  readonly #changes: InferenceChanges;
  readonly #directory: EntityDirectory;
  readonly #models: Pick<ModelOwners, 'find'>;
  readonly #maxLifetimeMillis: number;
  readonly #clock: () => Date;

  constructor(options: {
    keys: KeyStore;
    tokenUse: Pick<TokenUseStore, 'usedToday'>;
    requestUse: Pick<RequestUseStore, 'lastMinute'>;
    changes: InferenceChanges;
    /** Knows which owners there are. */
    directory: EntityDirectory;
    /** Knows which models there are. */
    models: Pick<ModelOwners, 'find'>;
    maxLifetimeMillis: number;
    clock: () => Date;
  }) {
    this.#keys = options.keys;
    this.#tokenUse = options.tokenUse;
    this.#requestUse = options.requestUse;
    this.#changes = options.changes;
    this.#directory = options.directory;
    this.#models = options.models;
    this.#maxLifetimeMillis = options.maxLifetimeMillis;
    this.#clock = options.clock;
  }

  async issue(
    wanted: NewApiKey,
    { credentials }: KeyCallOptions,
  ): Promise<IssuedApiKey> {
    const now = this.#clock();
    const maxLifetimeMillis = this.#maxLifetimeMillis;
    const parsed = parseNewApiKey(wanted, { now, maxLifetimeMillis });
    await this.#requireModels(parsed.models);
    const owner = await requireEntity(this.#directory, {
      field: 'owner',
      entityRef: wanted.owner ?? userRefOf(credentials),
      kinds: OWNER_KINDS,
    });
    const { secret, sha256, prefix } = createSecret();
    const key: ApiKey = {
      ...parsed,
      owner,
      id: randomUUID(),
      prefix,
      createdAt: now.toISOString(),
      createdBy: userRefOf(credentials),
    };
    await this.#changes.transaction(async tx => {
      await this.#keys.insert({ ...key, sha256, purpose: 'caller' }, tx);
      await this.#changes.record(tx, {
        action: 'key-issued',
        actor: key.createdBy,
        ...aboutKey(key),
        after: {
          name: key.name,
          owner,
          models: key.models,
          expiresAt: key.expiresAt,
          ...limitsOf(key),
          ...(key.scopes.length > 0 && { scopes: key.scopes }),
          prefix,
        },
        announce: [],
      });
    });
    return { ...key, secret };
  }

  async list(
    { limit, cursor, owners = [] }: KeyQuery,
    { credentials }: KeyCallOptions,
  ): Promise<Page<ApiKey>> {
    const visibleTo =
      owners === 'all'
        ? undefined
        : { createdBy: userRefOf(credentials), owners };
    const page = await this.#keys.list({ visibleTo, limit, cursor });
    return { ...page, items: await this.#withUse(page.items) };
  }

  async get(id: string): Promise<ApiKey> {
    const key = await this.#keys.find(id);
    if (!key) {
      throw new NotFoundError(`There is no key '${id}'`);
    }
    return key;
  }

  async setLimits(
    id: string,
    wanted: AskedKeyLimits,
    { credentials }: KeyCallOptions,
  ): Promise<ApiKey> {
    const limits = parseKeyLimits(wanted);
    const before = await this.get(id);
    return this.#changes.transaction(async tx => {
      const key = await this.#keys.setLimits(tx, { id, limits });
      if (!key) throw wasRevoked(before);
      await this.#changes.record(tx, {
        action: 'key-limits-changed',
        actor: userRefOf(credentials),
        ...aboutKey(key),
        before: limitsOf(before),
        after: limits,
        announce: [],
      });
      return key;
    });
  }

  async setScopes(
    id: string,
    wanted: readonly KeyScope[],
    { credentials }: KeyCallOptions,
  ): Promise<ApiKey> {
    const scopes = parseScopes(wanted);
    const before = await this.get(id);
    return this.#changes.transaction(async tx => {
      const key = await this.#keys.setScopes(tx, { id, scopes });
      if (!key) throw wasRevoked(before);
      await this.#changes.record(tx, {
        action: 'key-scopes-changed',
        actor: userRefOf(credentials),
        ...aboutKey(key),
        before: { scopes: before.scopes },
        after: { scopes },
        announce: [],
      });
      return key;
    });
  }

  async revoke(id: string, { credentials }: KeyCallOptions): Promise<ApiKey> {
    const now = this.#clock();
    const revokedBy = userRefOf(credentials);
    const revoked = await this.#changes.transaction(async tx => {
      const key = await this.#keys.revoke(tx, { id, revokedBy, now });
      if (key) {
        await this.#changes.record(tx, {
          action: 'key-revoked',
          actor: revokedBy,
          ...aboutKey(key),
          before: { name: key.name, models: key.models, prefix: key.prefix },
          announce: [],
        });
      }
      return key;
    });
    return revoked ?? this.get(id);
  }

  /** With what was used of the limits that they have. */
  async #withUse(keys: readonly ApiKey[]): Promise<ApiKey[]> {
    const now = this.#clock();
    const idsOf = (isLimited: (key: ApiKey) => boolean) =>
      keys.filter(isLimited).map(({ id }) => id);
    const byDay = idsOf(({ limits }) => limits?.perDay !== undefined);
    const byRequest = idsOf(({ requestLimits }) => requestLimits !== undefined);
    const [usedToday, lastMinute] = await Promise.all([
      byDay.length > 0 ? this.#tokenUse.usedToday(byDay, now) : undefined,
      byRequest.length > 0
        ? this.#requestUse.lastMinute(byRequest, now)
        : undefined,
    ]);
    return keys.map(key => ({
      ...key,
      ...(byDay.includes(key.id) && {
        usedToday: usedToday?.get(key.id) ?? [],
      }),
      ...(byRequest.includes(key.id) && {
        lastMinute: lastMinute?.get(key.id) ?? [],
      }),
    }));
  }

  async #requireModels(models: string[]): Promise<void> {
    for (const model of models) {
      if (model === '*') continue;
      if ((await this.#models.find(model)) === undefined) {
        throw new InputError(
          `models has '${model}', which is not registered: check its name, or register it first`,
        );
      }
    }
  }
}

/** The key of one model is that model's business, too. */
function aboutKey({ id, owner, models }: ApiKey) {
  const [model] = models;
  return {
    subject: id,
    owner,
    ...(models.length === 1 && model !== '*' && { model }),
  };
}

function limitsOf({ limits, requestLimits }: ApiKey): KeyLimits {
  return { ...(limits && { limits }), ...(requestLimits && { requestLimits }) };
}

function wasRevoked({ name }: ApiKey): ConflictError {
  return new ConflictError(`The key '${name}' was revoked: issue another one`);
}
