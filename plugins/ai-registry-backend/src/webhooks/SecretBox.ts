import { InputError } from '@backstage/errors';
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = 'greenroom ai-registry web hook secrets v1';

export interface SealedSecret {
  /** Which key it was sealed with. */
  keyId: string;
  /** Nonce, tag, and the secret. */
  sealed: Buffer;
}

interface Key {
  id: string;
  key: Buffer;
}

/**
 * Keeps secrets that are needed in the clear again: a copy of the database alone does not give them
 * away, since the keys are in the configuration.
 */
export class SecretBox {
  readonly #keys: Key[];

  /** @param secrets - of the configuration; the first one seals, all open */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map(deriveKey);
  }

  /**
   * Encrypts a secret.
   *
   * @param owner - what it belongs to: it is opened for nothing else
   * @throws InputError when there is no key
   */
  seal(secret: string, owner: string): SealedSecret {
    if (this.#keys.length === 0) {
      throw new InputError(
        'secret: there is no key to encrypt it with: have an administrator set aiRegistry.webhooks.encryptionKey or backend.auth.keys',
      );
    }
    const [{ id, key }] = this.#keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(
      Buffer.from(owner),
    );
    const content = Buffer.concat([
      cipher.update(secret, 'utf8'),
      cipher.final(),
    ]);
    return {
      keyId: id,
      sealed: Buffer.concat([nonce, cipher.getAuthTag(), content]),
    };
  }

  /** @throws Error when the key is not in the configuration any more, or it is somebody else's */
  open({ keyId, sealed }: SealedSecret, owner: string): string {
    const found = this.#keys.find(({ id }) => id === keyId);
    if (!found) {
      throw new Error(
        'The secret cannot be read, since the key that it was encrypted with is not in the configuration any more: set the secret of the hook again',
      );
    }
    const decipher = createDecipheriv(
      CIPHER,
      found.key,
      sealed.subarray(0, NONCE_BYTES),
    )
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]).toString('utf8');
  }
}

function deriveKey(secret: string): Key {
  const key = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return { id, key };
}
