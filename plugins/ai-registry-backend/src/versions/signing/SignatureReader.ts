import type {
  SigningVerification,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { VersionRef } from '../VersionService';
import type { VersionStore } from '../VersionStore';
import { compareFiles } from './compareFiles';
import { readModelSignature } from './readModelSignature';
import type { SigningKey } from './readSigningKeys';
import { SigningError } from './SigningError';
import { verifySignature } from './verifySignature';
import type {
  StoredSignature,
  VersionSignatureStore,
} from './VersionSignatureStore';

/** Tells what signatures of versions are worth, by the keys that are configured now. */
export class SignatureReader {
  readonly #signatures: VersionSignatureStore;
  readonly #versions: VersionStore;
  readonly #keys: readonly SigningKey[];

  constructor(options: {
    signatures: VersionSignatureStore;
    versions: VersionStore;
    keys: readonly SigningKey[];
  }) {
    this.#signatures = options.signatures;
    this.#versions = options.versions;
    this.#keys = options.keys;
  }

  /** Undefined for a version that is not signed. */
  async find(ref: VersionRef): Promise<VersionSigning | undefined> {
    const stored = await this.#signatures.find(ref);
    return stored && this.describe(ref, stored);
  }

  async describe(
    ref: VersionRef,
    stored: StoredSignature,
  ): Promise<VersionSigning> {
    const { keyId, signedDigest, addedAt, addedBy, bundle } = stored;
    const verification = await this.verify(ref, bundle);
    return { keyId, signedDigest, addedAt, addedBy, verification };
  }

  /** Everything is looked at anew: what the table says beside the signature proves nothing. */
  async verify(
    ref: VersionRef,
    bundle: StoredSignature['bundle'],
  ): Promise<SigningVerification> {
    const { model, version } = ref;
    const { digest } = await this.#versions.get(model, version);
    const files = await this.#versions.listFiles(ref);
    try {
      const signature = readModelSignature(bundle);
      compareFiles(signature, { digest, files });
      return verifySignature(signature, this.#keys);
    } catch (error) {
      if (!(error instanceof SigningError)) throw error;
      return { state: 'invalid', reason: error.message };
    }
  }
}
