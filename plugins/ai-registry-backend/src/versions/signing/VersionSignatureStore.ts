import type {
  Digest,
  SigningBundle,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { VersionRef } from '../VersionService';

/** A signature as it is kept. */
export interface StoredSignature {
  bundle: SigningBundle;
  keyId?: string;
  signedDigest: Digest;
  addedAt: string;
  addedBy: string;
}

interface SignatureRow {
  bundle: SigningBundle;
  key_id: string | null;
  signed_digest: Digest;
  added_at: Date;
  added_by: string;
}

/** The table `version_signatures`. */
export class VersionSignatureStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async find(
    { model, version }: VersionRef,
    tx: Knex = this.#knex,
  ): Promise<StoredSignature | undefined> {
    const row: SignatureRow | undefined = await tx('version_signatures')
      .where({ model, version })
      .first();
    return row && toSignature(row);
  }

  /** In the place of one that is there. */
  async put(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    signature: Omit<StoredSignature, 'addedAt'>,
  ): Promise<StoredSignature> {
    const [row] = await tx('version_signatures')
      .insert({
        model,
        version,
        bundle: JSON.stringify(signature.bundle),
        key_id: signature.keyId ?? null,
        signed_digest: signature.signedDigest,
        added_at: tx.raw('clock_timestamp()'),
        added_by: signature.addedBy,
      })
      .onConflict(['model', 'version'])
      .merge()
      .returning<SignatureRow[]>('*');
    return toSignature(row);
  }
}

function toSignature(row: SignatureRow): StoredSignature {
  return {
    bundle: row.bundle,
    keyId: row.key_id ?? undefined,
    signedDigest: row.signed_digest,
    addedAt: row.added_at.toISOString(),
    addedBy: row.added_by,
  };
}
