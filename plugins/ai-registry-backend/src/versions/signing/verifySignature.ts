import type { SigningVerification } from '@greenroom/plugin-ai-registry-common';
import { verify } from 'node:crypto';
import type { ModelSignature } from './readModelSignature';
import type { SigningKey } from './readSigningKeys';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/**
 * Who made a signature, by the keys that are trusted. What the signature says of its key only helps
 * to choose among them.
 */
export function verifySignature(
  signature: Pick<ModelSignature, 'payload' | 'signature' | 'keyId'>,
  keys: readonly SigningKey[],
): SigningVerification {
  const { keyId } = signature;
  if (keys.length === 0) {
    return {
      state: 'no-keys',
      reason:
        'no public key is configured: set aiRegistry.signing.keys to those that are trusted',
    };
  }
  const candidates =
    keyId === undefined ? keys : keys.filter(({ id }) => id === keyId);
  const signer = candidates.find(key => isMadeBy(signature, key));
  if (signer) return { state: 'verified', key: signer.name };
  if (keyId !== undefined && candidates.length > 0) {
    return {
      state: 'invalid',
      reason: `it says that the key ${candidates[0].name} made it, which is not so: it was changed since, or made with another key`,
    };
  }
  return {
    state: 'unknown-signer',
    reason:
      keyId === undefined
        ? 'none of the keys in aiRegistry.signing.keys made it'
        : `it was made by the key ${keyId}, which is not in aiRegistry.signing.keys`,
  };
}

function isMadeBy(
  { payload, signature }: Pick<ModelSignature, 'payload' | 'signature'>,
  { publicKey, hash }: SigningKey,
): boolean {
  return verify(hash, preAuthEncoding(payload), publicKey, signature);
}

/** What is signed of an envelope (DSSE): its type and its content, with their lengths in bytes. */
export function preAuthEncoding(payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(
      `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `,
    ),
    payload,
  ]);
}
