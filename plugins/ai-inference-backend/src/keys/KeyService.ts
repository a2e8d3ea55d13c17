import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  ApiKey,
  IssuedApiKey,
  NewApiKey,
} from '@greenroom/plugin-ai-inference-common';
import { randomUUID } from 'node:crypto';
import { appendEvent } from '../events/appendEvent';
import { createSecret, parseNewApiKey } from './apiKey';
import type { KeyStore } from './KeyStore';

/** Who calls. */
export interface KeyCallOptions {
  credentials: BackstageCredentials;
}

/** The keys that callers of data planes need. */
export interface KeyService {
  /** The secret is in the answer, and nowhere else. */
  issue(key: NewApiKey, options: KeyCallOptions): Promise<IssuedApiKey>;

  /** The caller's own keys, newest first; everybody's with `all`. */
  list(options: KeyCallOptions & { all?: boolean }): Promise<ApiKey[]>;

  /** @throws NotFoundError */
  get(id: string): Promise<ApiKey>;

  /** Data planes refuse the key from their next snapshot on. Revoking twice changes nothing. */
  revoke(id: string, options: KeyCallOptions): Promise<ApiKey>;
}

export class DefaultKeyService implements KeyService {
  readonly #keys: KeyStore;
  readonly #clock: () => Date;

  constructor(options: { keys: KeyStore; clock: () => Date }) {
    this.#keys = options.keys;
    this.#clock = options.clock;
  }

  async issue(
    wanted: NewApiKey,
    { credentials }: KeyCallOptions,
  ): Promise<IssuedApiKey> {
    const now = this.#clock();
    const { secret, sha256, prefix } = createSecret();
    const key: ApiKey = {
      ...parseNewApiKey(wanted, now),
      id: randomUUID(),
      prefix,
      createdAt: now.toISOString(),
      createdBy: userRefOf(credentials),
    };
    await this.#keys.transaction(async tx => {
      await this.#keys.insert({ ...key, sha256, purpose: 'caller' }, tx);
      await appendEvent({
        tx,
        event: {
          at: key.createdAt,
          actor: key.createdBy,
          type: 'key-issued',
          subject: key.id,
          payload: { name: key.name, models: key.models, prefix },
        },
      });
    });
    return { ...key, secret };
  }

  async list({
    credentials,
    all,
  }: KeyCallOptions & { all?: boolean }): Promise<ApiKey[]> {
    return this.#keys.list(all ? {} : { createdBy: userRefOf(credentials) });
  }

  async get(id: string): Promise<ApiKey> {
    const key = await this.#keys.find(id);
    if (!key) {
      throw new NotFoundError(`There is no key '${id}'`);
    }
    return key;
  }

  async revoke(id: string, { credentials }: KeyCallOptions): Promise<ApiKey> {
    const now = this.#clock();
    const revokedBy = userRefOf(credentials);
    const revoked = await this.#keys.transaction(async tx => {
      const key = await this.#keys.revoke(tx, { id, revokedBy, now });
      if (key) {
        await appendEvent({
          tx,
          event: {
            at: now.toISOString(),
            actor: revokedBy,
            type: 'key-revoked',
            subject: id,
            payload: { name: key.name, prefix: key.prefix },
          },
        });
      }
      return key;
    });
    return revoked ?? this.get(id);
  }
}
