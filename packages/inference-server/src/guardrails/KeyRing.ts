import { createHash } from 'node:crypto';
import type {
  EARLIER_KEY_SCOPES,
  KeyGrant,
  KeyScope,
} from '@greenroom/plugin-ai-inference-common';
import type {
  Caller,
  LimitedKey,
  RequestLimitedKey,
} from '../domain/Admission';

// The type pins the texts to the contract without loading that package's client code.
const EARLIER_SCOPES: typeof EARLIER_KEY_SCOPES = ['versions'];

/** What the holder of a key may do. */
export class Grant implements Caller {
  readonly id: string;
  readonly name: string;
  readonly owner: string | undefined;
  /** Milliseconds since the epoch; Infinity for a key that does not expire. */
  readonly expiresAtMillis: number;
  readonly limited: LimitedKey | undefined;
  readonly requestLimited: RequestLimitedKey | undefined;
  readonly #scopes: ReadonlySet<string>;
  readonly #all: boolean;
  readonly #models: ReadonlySet<string>;

  constructor(key: KeyGrant) {
    this.id = key.id;
    this.name = key.name;
    this.owner = key.owner;
    this.expiresAtMillis =
      key.expiresAt === undefined ? Infinity : Date.parse(key.expiresAt);
    const { id, name, limits, requestLimits } = key;
    this.limited = limits && { id, name, limits };
    this.requestLimited = requestLimits && { id, name, limits: requestLimits };
    this.#scopes = new Set(key.scopes ?? EARLIER_SCOPES);
    this.#all = key.models.includes('*');
    this.#models = new Set(key.models);
  }

  has(scope: KeyScope): boolean {
    return this.#scopes.has(scope);
  }

  mayCall(model: string): boolean {
    return this.#all || this.#models.has(model);
  }
}

const BEARER_PATTERN = /^bearer +/i;
const MAX_REMEMBERED = 10_000;

/**
 * The keys that are good. A credential that was recognised once is remembered by its header's
 * text, so that hashing is not paid for by each request, until keys change.
 */
export class KeyRing {
  /** By the SHA-256 of the key. */
  readonly #grants = new Map<string, Grant>();
  /** By the id of the key. */
  readonly #hashes = new Map<string, string>();
  readonly #remembered = new Map<string, Grant>();

  change(change: {
    keys: readonly KeyGrant[];
    /** Ids. */
    revoked: readonly string[];
  }): void {
    for (const id of change.revoked) this.#remove(id);
    for (const key of change.keys) {
      this.#remove(key.id);
      const hash = key.sha256.toLowerCase();
      this.#hashes.set(key.id, hash);
      this.#grants.set(hash, new Grant(key));
    }
    this.#remembered.clear();
  }

  /**
   * @param credential - text of an `Authorization: Bearer ...` or `X-API-Key` header
   * @returns the grant of a known key, also when it has expired.
   */
  find(credential: string): Grant | undefined {
    const remembered = this.#remembered.get(credential);
    if (remembered !== undefined) return remembered;
    const secret = credential.replace(BEARER_PATTERN, '').trim();
    const grant = this.#grants.get(
      createHash('sha256').update(secret).digest('hex'),
    );
    if (grant !== undefined) {
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(credential, grant);
    }
    return grant;
  }

  #remove(id: string): void {
    const hash = this.#hashes.get(id);
    if (hash === undefined) return;
    this.#hashes.delete(id);
    this.#grants.delete(hash);
  }
}
