import { InputError, NotFoundError } from '@backstage/errors';
import { PayloadTooLargeError, userRefOf } from '@greenroom/ai-node';
import type {
  SigningBundle,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { RegistryChanges } from '../../events/announcement';
import type { CallOptions } from '../../models/ModelService';
import type { ModelStore } from '../../models/ModelStore';
import type { VersionRef } from '../VersionService';
import type { VersionStore } from '../VersionStore';
import { type ModelSignature, readModelSignature } from './readModelSignature';
import type { SignatureReader } from './SignatureReader';
import { SigningError } from './SigningError';
import type {
  StoredSignature,
  VersionSignatureStore,
} from './VersionSignatureStore';

/** Room for the names and digests of as many files as a bundle may have. */
const MAX_SIGNATURE_BYTES = 16 * 1024 * 1024;

/** Signatures of versions. All throw a NotFoundError when there is no such version. */
export interface SignatureService {
  /** As it was given, for others to verify. Throws a NotFoundError when the version is not signed. */
  get(ref: VersionRef, options: CallOptions): Promise<SigningBundle>;
  /**
   * Keeps a signature beside the version, in the place of one that is there. Throws an InputError
   * that says what differs when it is no signature of the version's files.
   */
  put(
    ref: VersionRef,
    bundle: SigningBundle,
    options: CallOptions,
  ): Promise<VersionSigning>;
}

/** Does what it is asked; {@link AuthorizedSignatureService} asks whether it may. */
export class DefaultSignatureService implements SignatureService {
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #signatures: VersionSignatureStore;
  readonly #reader: SignatureReader;
  readonly #changes: RegistryChanges;

  constructor(options: {
    models: ModelStore;
    versions: VersionStore;
    signatures: VersionSignatureStore;
    reader: SignatureReader;
    changes: RegistryChanges;
  }) {
    this.#models = options.models;
    this.#versions = options.versions;
    this.#signatures = options.signatures;
    this.#reader = options.reader;
    this.#changes = options.changes;
  }

  async get(ref: VersionRef): Promise<SigningBundle> {
    const { model, version } = ref;
    await this.#versions.get(model, version);
    const found = await this.#signatures.find(ref);
    if (found) return found.bundle;
    throw new NotFoundError(`Version ${version} of '${model}' is not signed`);
  }

  async put(
    ref: VersionRef,
    bundle: SigningBundle,
    options: CallOptions,
  ): Promise<VersionSigning> {
    const { model, version } = ref;
    const addedBy = userRefOf(options.credentials);
    await this.#versions.get(model, version);
    const { keyId, signedDigest } = readSignature(bundle);
    const verification = await this.#reader.verify(ref, bundle);
    // A signer that is not known here may become so.
    if (verification.state === 'invalid') {
      throw notTaken(verification.reason);
    }
    const stored = await this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      const before = await this.#signatures.find(ref, tx);
      const after = await this.#signatures.put(tx, ref, {
        bundle,
        keyId,
        signedDigest,
        addedBy,
      });
      await this.#models.touch(tx, model);
      await this.#changes.record(tx, {
        action: 'version-signed',
        model,
        actor: addedBy,
        before: before && { version, ...auditOf(before) },
        after: { version, ...auditOf(after) },
        announce: [{ type: 'model-changed', model, action: 'version-changed' }],
      });
      return after;
    });
    return this.#reader.describe(ref, stored);
  }
}

/** What the history keeps: enough to tell one from another, and to verify what a file list says. */
function auditOf({ bundle, keyId, signedDigest, addedBy }: StoredSignature) {
  const { sig } = bundle.dsseEnvelope.signatures[0];
  return { keyId, signedDigest, signature: sig, addedBy };
}

function readSignature(bundle: SigningBundle): ModelSignature {
  const bytes = Buffer.byteLength(JSON.stringify(bundle));
  if (bytes > MAX_SIGNATURE_BYTES) {
    throw new PayloadTooLargeError(
      `The signature has ${bytes} bytes, more than the ${MAX_SIGNATURE_BYTES} that are taken`,
    );
  }
  try {
    return readModelSignature(bundle);
  } catch (error) {
    throw error instanceof SigningError ? notTaken(error.message) : error;
  }
}

function notTaken(reason: string): InputError {
  return new InputError(`The signature is not taken: ${reason}`);
}
