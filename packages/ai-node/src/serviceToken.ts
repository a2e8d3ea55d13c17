import type { Config } from '@backstage/config';
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  areFederated,
  type FederatedToken,
  readFederatedToken,
} from './federated/federatedToken';
import { EXTERNAL_ACCESS, readTerms, type TokenTerms } from './tokenTerms';

/** `type` of an entry of `backend.auth.externalAccess` that is one of these tokens. */
export const SERVICE_TOKEN_TYPE = 'greenroom';

const SUBJECT_PREFIX = 'greenroom:';
const MIN_TOKEN_LENGTH = 24;
const SHA256_PATTERN = /^[0-9a-f]{64}$/i;

/** A token of a program that stays the same. The token itself is never kept. */
export interface ServiceToken extends TokenTerms {
  /** SHA-256 of the token. */
  hash: Buffer;
}

/** What the configuration declares: one token, or those of an issuer. */
export type DeclaredToken = ServiceToken | FederatedToken;

/** Principal's subject for a token of this name. */
export function subjectOf(name: string): string {
  return `${SUBJECT_PREFIX}${name}`;
}

/** Name of the token behind a principal's subject; undefined when it is something else. */
export function tokenNameOf(subject: string): string | undefined {
  return subject.startsWith(SUBJECT_PREFIX)
    ? subject.slice(SUBJECT_PREFIX.length)
    : undefined;
}

/** All tokens that the configuration declares. */
export function readServiceTokens(config: Config): DeclaredToken[] {
  const entries = config.getOptionalConfigArray(EXTERNAL_ACCESS) ?? [];
  const names = new Set<string>();
  return entries.flatMap(entry => {
    if (entry.getOptionalString('type') !== SERVICE_TOKEN_TYPE) {
      refuseBorrowedSubject(entry);
      return [];
    }
    const options = entry.getConfig('options');
    if (areIssued(options)) return [];
    const token = areFederated(options)
      ? readFederatedToken(options)
      : readServiceToken(options);
    if (names.has(token.name)) {
      throw new Error(
        `${EXTERNAL_ACCESS} has two tokens with the name '${token.name}': give each its own, also while one takes the other's place`,
      );
    }
    if (entry.has('accessRestrictions')) {
      throw new Error(
        `${EXTERNAL_ACCESS}: the token '${token.name}' has accessRestrictions; its scopes say what it may do, so leave them out`,
      );
    }
    names.add(token.name);
    return [token];
  });
}

/** Whether the configuration takes tokens that the control plane issues itself. */
export function takesIssuedTokens(config: Config): boolean {
  const entries = config.getOptionalConfigArray(EXTERNAL_ACCESS) ?? [];
  return entries.some(
    entry =>
      entry.getOptionalString('type') === SERVICE_TOKEN_TYPE &&
      areIssued(entry.getConfig('options')),
  );
}

/** Whether an entry stands for all tokens that are issued in the portal, instead of declaring one. */
export function areIssued(options: Config): boolean {
  return options.getOptionalString('from') === 'portal';
}

/** Other kinds of tokens choose their subject freely: not that of a plugin or of one of these tokens. */
function refuseBorrowedSubject(entry: Config): void {
  const subject = entry.getOptionalString('options.subject') ?? '';
  if (/^(?:plugin|greenroom):/.test(subject)) {
    throw new Error(
      `${EXTERNAL_ACCESS}: the subject '${subject}' belongs to somebody else: choose one without 'plugin:' and 'greenroom:'`,
    );
  }
}

/**
 * @param options - the `options` of an entry
 * @throws Error that names the token and the field
 */
export function readServiceToken(options: Config): ServiceToken {
  const { terms, wrong } = readTerms(options, ['token', 'sha256']);
  return { ...terms, hash: readHash(options, wrong) };
}

function readHash(options: Config, wrong: (problem: string) => Error): Buffer {
  const token = options.getOptionalString('token');
  const sha256 = options.getOptionalString('sha256');
  if ((token === undefined) === (sha256 === undefined)) {
    throw wrong('needs either token or sha256, the SHA-256 of the token');
  }
  if (sha256 !== undefined) {
    if (!SHA256_PATTERN.test(sha256)) {
      throw wrong('has a sha256 that is not 64 hexadecimal digits');
    }
    return Buffer.from(sha256, 'hex');
  }
  if (!/^\S+$/.test(token!) || token!.length < MIN_TOKEN_LENGTH) {
    throw wrong(
      `needs a token of at least ${MIN_TOKEN_LENGTH} characters without spaces: make one with \`openssl rand -hex 32\``,
    );
  }
  return hashOf(token!);
}

/** Whether the text is the token, in a time that does not depend on where they differ. */
export function isSameToken(token: ServiceToken, text: string): boolean {
  return timingSafeEqual(token.hash, hashOf(text));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
