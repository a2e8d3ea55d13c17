import { randomUUID } from 'node:crypto';
import { createSecret } from '../keys/apiKey';
import type { KeyStore } from '../keys/KeyStore';

const LIFETIME_MILLIS = 60 * 60 * 1_000;
const RENEW_AFTER_MILLIS = LIFETIME_MILLIS / 2;
/** Data planes that reach the control plane know a new key long before. */
const KNOWN_AFTER_MILLIS = 10_000;

interface HeldKey {
  secret: string;
  issuedAtMillis: number;
}

/**
 * The key with which this process calls data planes on behalf of people in the portal. It
 * lives for an hour at most, and its secret only in this process's memory.
 */
export class PlaygroundKey {
  readonly #keys: KeyStore;
  readonly #clock: () => Date;
  /** Oldest first; two while a new one becomes known to the data planes. */
  #held: HeldKey[] = [];

  constructor(options: { keys: KeyStore; clock: () => Date }) {
    this.#keys = options.keys;
    this.#clock = options.clock;
  }

  /** Issues a new key when there is none or when it has lived half of its time. Called regularly. */
  async renew(): Promise<void> {
    const now = this.#clock();
    await this.#keys.removeExpiredPlaygroundKeys(now);
    const newest = this.#held.at(-1);
    if (newest && now.getTime() - newest.issuedAtMillis < RENEW_AFTER_MILLIS) {
      return;
    }
    const { secret, sha256, prefix } = createSecret();
    await this.#keys.insert({
      id: randomUUID(),
      purpose: 'playground',
      name: 'portal playground',
      models: ['*'],
      scopes: ['versions'],
      sha256,
      prefix,
      createdAt: now.toISOString(),
      owner: 'service:ai-inference',
      createdBy: 'service:ai-inference',
      expiresAt: new Date(now.getTime() + LIFETIME_MILLIS).toISOString(),
    });
    this.#held = [
      ...this.#held.slice(-1),
      { secret, issuedAtMillis: now.getTime() },
    ];
  }

  /** The newest key that data planes know by now. */
  get secret(): string | undefined {
    const knownSince = this.#clock().getTime() - KNOWN_AFTER_MILLIS;
    const known = this.#held.filter(key => key.issuedAtMillis <= knownSince);
    return (known.at(-1) ?? this.#held.at(0))?.secret;
  }
}
