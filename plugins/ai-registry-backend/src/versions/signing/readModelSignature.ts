import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SigningError } from './SigningError';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** What a signature says, before anybody has looked whether it is true. */
export interface ModelSignature {
  /** The statement's bytes, which are what is signed. */
  payload: Buffer;
  signature: Buffer;
  /** SHA-256 of the PEM of the public key, in hexadecimal digits; undefined before version 1.1 of the tool. */
  keyId?: string;
  /** Over the digests of all files, in the order in which they are listed. */
  signedDigest: Digest;
  /** As they were called where they were signed; `.` for a model that is a single file. */
  files: { name: string; digest: Digest }[];
}

// What else there is, now or in later versions, is for others.
const material = z.object({
  publicKey: z.object({ hint: z.string().nullish() }).optional(),
  certificate: z.unknown().optional(),
  x509CertificateChain: z.unknown().optional(),
});

const envelope = z.object({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.array(z.object({ sig: z.string() })),
});

const bundle = z.object({
  mediaType: z.string(),
  verificationMaterial: material,
  dsseEnvelope: envelope,
});

const hexDigest = z
  .string()
  .regex(HEX_SHA256, 'expected 64 hexadecimal digits');

const statement = z.object({
  subject: z.array(z.object({ digest: z.object({ sha256: hexDigest }) })),
  predicate: z.object({
    serialization: z.object({ method: z.string(), hash_type: z.string() }),
    resources: z.array(
      z.object({ name: z.string(), algorithm: z.string(), digest: hexDigest }),
    ),
  }),
});

/**
 * Reads a Sigstore bundle with a model signature (https://model_signing/signature/v1.0).
 *
 * @throws SigningError that names what is otherwise than the format says, or not supported
 */
export function readModelSignature(content: unknown): ModelSignature {
  const { mediaType, verificationMaterial, dsseEnvelope } = parse(
    bundle,
    content,
    'the signature',
  );
  expectValue('mediaType', mediaType, MEDIA_TYPE);
  checkMaterial(verificationMaterial);
  expectValue(
    'dsseEnvelope.payloadType',
    dsseEnvelope.payloadType,
    PAYLOAD_TYPE,
  );
  const { signatures } = dsseEnvelope;
  if (signatures.length !== 1) {
    throw new SigningError(
      `dsseEnvelope has ${signatures.length} signatures, where exactly 1 is expected`,
    );
  }
  const payload = decode('dsseEnvelope.payload', dsseEnvelope.payload);
  return {
    payload,
    signature: decode('dsseEnvelope.signatures[0].sig', signatures[0].sig),
    keyId: verificationMaterial.publicKey?.hint ?? undefined,
    ...readStatement(payload),
  };
}

function checkMaterial(said: z.infer<typeof material>): void {
  if (said.publicKey) return;
  const isCertified =
    said.certificate !== undefined || said.x509CertificateChain !== undefined;
  throw new SigningError(
    isCertified
      ? 'it was made with a certificate, or by Sigstore without a key, which is not supported: sign with a key (model_signing sign key)'
      : 'verificationMaterial.publicKey is missing: expected a signature that was made with a key (model_signing sign key)',
  );
}

function readStatement(
  payload: Buffer,
): Pick<ModelSignature, 'signedDigest' | 'files'> {
  const content = parseJson(payload);
  const types = parse(
    z.object({ _type: z.string(), predicateType: z.string() }),
    content,
    'the statement',
  );
  expectValue("the statement's _type", types._type, STATEMENT_TYPE);
  expectValue('predicateType', types.predicateType, PREDICATE_TYPE);
  const { subject, predicate } = parse(statement, content, 'the statement');
  const { method, hash_type: hashType } = predicate.serialization;
  expectValue('predicate.serialization.method', method, 'files');
  expectValue('predicate.serialization.hash_type', hashType, 'sha256');
  if (subject.length !== 1) {
    throw new SigningError(
      `the statement has ${subject.length} subjects, where exactly 1 is expected`,
    );
  }
  const root = createHash('sha256');
  const names = new Set<string>();
  const files = predicate.resources.map(({ name, algorithm, digest }) => {
    expectValue(`algorithm of '${name}'`, algorithm, 'sha256');
    root.update(Buffer.from(digest, 'hex'));
    // As paths of bundles are, wherever they were signed.
    const path = name.normalize('NFC');
    if (names.has(path)) {
      throw new SigningError(`the statement lists '${path}' twice`);
    }
    names.add(path);
    return { name: path, digest: `sha256:${digest}` as Digest };
  });
  const said = subject[0].digest.sha256;
  const computed = root.digest('hex');
  if (said !== computed) {
    throw new SigningError(
      `the statement's subject has the digest ${said}, but its list of files makes ${computed}`,
    );
  }
  return { signedDigest: `sha256:${computed}`, files };
}

function parse<T extends z.ZodType>(
  schema: T,
  content: unknown,
  what: string,
): z.infer<T> {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new SigningError(
    path.length === 0
      ? `${what}: ${message}`
      : `${what}: ${path.join('.')}: ${message}`,
  );
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    throw new SigningError('dsseEnvelope.payload: expected JSON in base64');
  }
}

function decode(field: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  // Node's decoder skips what is no base64; nobody else would read the same then.
  if (bytes.length > 0 && bytes.toString('base64') === text) return bytes;
  throw new SigningError(`${field}: expected base64`);
}

function expectValue(field: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new SigningError(
    `${field} is '${found.slice(0, 100)}': expected '${expected}'`,
  );
}
