import type {
  Digest,
  SigningBundle,
} from '@greenroom/plugin-ai-registry-common';
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { SigningKey } from '../readSigningKeys';
import { preAuthEncoding } from '../verifySignature';

/** A key to sign with, and what a configuration knows of it. */
export function newSigner(name = 'release') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const id = createHash('sha256').update(pem).digest('hex');
  const key: SigningKey = { name, publicKey, hash: 'sha256', id };
  return { privateKey, pem, key };
}

interface SignOptions {
  files: { name: string; digest: Digest }[];
  signer: { privateKey: KeyObject; key: Pick<SigningKey, 'id'> };
  /** Changes what is signed, to what the tool would not write. */
  change?(statement: ReturnType<typeof statementOf>): void;
}

/** What `model_signing sign key` would write. */
export function signFiles(options: SignOptions): SigningBundle {
  const statement = statementOf(options.files);
  options.change?.(statement);
  const payload = Buffer.from(JSON.stringify(statement));
  const { privateKey, key } = options.signer;
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: key.id }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: 'application/vnd.in-toto+json',
      signatures: [
        {
          sig: sign('sha256', preAuthEncoding(payload), privateKey).toString(
            'base64',
          ),
          keyid: '',
        },
      ],
    },
  };
}

function statementOf(files: SignOptions['files']) {
  const root = createHash('sha256');
  const resources = files.map(({ name, digest }) => {
    const hex = digest.replace('sha256:', '');
    root.update(Buffer.from(hex, 'hex'));
    return { name, algorithm: 'sha256', digest: hex };
  });
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model', digest: { sha256: root.digest('hex') } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: ['model.sig'],
      },
      resources,
    },
  };
}
