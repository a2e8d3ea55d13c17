import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** What one side of a connection shows, and whom it trusts; each in PEM. */
export interface Certificates {
  /** Its own, followed by those that lead to one that others trust, and its private key. */
  identity?: { certificate: Buffer; privateKey: Buffer };
  /** Who may have signed the other side's certificate. */
  authorities?: Buffer;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Says what is wrong with certificates before they are used: half a pair, as there is one while files are being
 * replaced, would refuse everybody.
 *
 * @returns a sentence without anything of the key; undefined when they can be used
 */
export function problemWith(certificates: Certificates): string | undefined {
  const { identity, authorities } = certificates;
  if (identity) {
    const own = readAll(identity.certificate);
    if (own === undefined || own.length === 0) {
      return 'the certificate is no certificate in PEM';
    }
    const key = readKey(identity.privateKey);
    if (!key)
      return 'the private key is no private key in PEM without a password';
    if (!own[0].checkPrivateKey(key)) {
      return 'the private key is not the one of the certificate';
    }
  }
  if (authorities && !readAll(authorities)?.length) {
    return 'the certificates of authorities are no certificates in PEM';
  }
  return refusalOf(certificates);
}

/** A key that is too short, for instance: better seen here than by the first of several who take them. */
function refusalOf({
  identity,
  authorities,
}: Certificates): string | undefined {
  try {
    createSecureContext({
      cert: identity?.certificate,
      key: identity?.privateKey,
      ca: authorities,
    });
    return undefined;
  } catch (error) {
    return `TLS refuses them: ${String(error)}`;
  }
}

/** Until when a certificate holds; of several, which lead to one that others trust, until when all of them do. */
export function expiryOf(certificate: Buffer): Date {
  const all = readAll(certificate) ?? [];
  return new Date(Math.min(...all.map(one => Date.parse(one.validTo))));
}

function readAll(pem: Buffer): X509Certificate[] | undefined {
  try {
    return (pem.toString('latin1').match(BLOCK) ?? []).map(
      block => new X509Certificate(block),
    );
  } catch {
    return undefined;
  }
}

function readKey(pem: Buffer) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
