import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError, toError } from '@backstage/errors';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const KEYS = 'aiRegistry.signing.keys';
const MOST_KEYS = 100;
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What is signed is hashed as is usual for keys of that size. */
const HASHES: Record<string, SigningKey['hash']> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

/** A key whose signatures are believed. */
export interface SigningKey {
  name: string;
  publicKey: KeyObject;
  hash: 'sha256' | 'sha384' | 'sha512';
  /** SHA-256 of its PEM, in hexadecimal digits: what signatures call it by. */
  id: string;
}

/** @throws InputError that names the first setting that is wrong */
export function readSigningKeys(root: RootConfigService): SigningKey[] {
  const entries = root.getOptionalConfigArray(KEYS) ?? [];
  if (entries.length > MOST_KEYS) {
    throw new InputError(
      `${KEYS} has ${entries.length} entries: expected at most ${MOST_KEYS}`,
    );
  }
  const keys = entries.map((entry, index) =>
    readKey(entry, `${KEYS}[${index}]`),
  );
  const names = keys.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new InputError(`${KEYS}: there are two with the name '${twice}'`);
  }
  return keys;
}

function readKey(entry: Config, key: string): SigningKey {
  const name = entry.getString('name');
  if (!NAME_PATTERN.test(name)) {
    throw new InputError(
      `${key}.name is '${name}': expected 1 to 63 lower-case letters, digits and dashes`,
    );
  }
  const { field, pem } = readPem(entry, key);
  // Node would take the public half of it, and nobody would notice.
  if (/PRIVATE KEY/.test(pem)) {
    throw new InputError(
      `${field} is a private key: put the public one there, and treat this one as lost`,
    );
  }
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(pem);
  } catch {
    throw new InputError(
      `${field}: expected a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----`,
    );
  }
  const curve = publicKey.asymmetricKeyDetails?.namedCurve ?? '';
  const hash = HASHES[curve];
  if (!hash) {
    throw new InputError(
      `${field} is a key of ${
        curve || publicKey.asymmetricKeyType
      }: expected one of the curves P-256, P-384 and P-521, with which model_signing signs`,
    );
  }
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
  return { name, publicKey, hash, id };
}

function readPem(entry: Config, key: string): { field: string; pem: string } {
  const text = entry.getOptionalString('publicKey');
  const file = entry.getOptionalString('publicKeyFile');
  if ((text === undefined) === (file === undefined)) {
    throw new InputError(
      `${key} has ${
        text === undefined ? 'neither' : 'both'
      } publicKey and publicKeyFile: expected one of the two`,
    );
  }
  if (text !== undefined) return { field: `${key}.publicKey`, pem: text };
  const field = `${key}.publicKeyFile`;
  try {
    return { field, pem: readFileSync(resolve(String(file)), 'utf8') };
  } catch (error) {
    throw new InputError(`${field}: cannot be read: ${toError(error).message}`);
  }
}
