import type { Digest } from './version';

/**
 * A signature of a version's files as the OpenSSF's tool `model_signing` writes it (`model.sig`): a
 * Sigstore bundle with a DSSE envelope around an in-toto statement. Told as far as it matters here.
 */
export interface SigningBundle {
  /** `application/vnd.dev.sigstore.bundle.v0.3+json`. */
  mediaType: string;
  /** How to find out who signed; what it claims is never believed by itself. */
  verificationMaterial: object;
  dsseEnvelope: {
    /** The statement, in base64. */
    payload: string;
    payloadType: string;
    /** Exactly one. */
    signatures: { sig: string; keyid?: string }[];
  };
}

/** What is known of the signature of a version. */
export interface VersionSigning {
  /** SHA-256 of the public key in PEM, as the signature claims it; undefined where it claims none. */
  keyId?: string;
  /** Digest over all signed files, as the signing format computes it. */
  signedDigest: Digest;
  addedAt: string;
  addedBy: string;
  verification: SigningVerification;
}

/** Whether a signature is good, by the keys that are configured now. */
export type SigningVerification =
  | {
      state: 'verified';
      /** Name of the configured key that made it. */
      key: string;
    }
  /** None of the configured keys made it. */
  | { state: 'unknown-signer'; reason: string }
  /** No key is configured, so that nobody can tell. */
  | { state: 'no-keys'; reason: string }
  /** It is no signature of these files. */
  | { state: 'invalid'; reason: string };
