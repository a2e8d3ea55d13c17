import type { Config } from '@backstage/config';
import { createHash, timingSafeEqual } from 'node:crypto';

/** `type` of an entry of `backend.auth.externalAccess` that is one of these tokens. */
export const SERVICE_TOKEN_TYPE = 'greenroom';

const EXTERNAL_ACCESS = 'backend.auth.externalAccess';
const SUBJECT_PREFIX = 'greenroom:';
const MIN_TOKEN_LENGTH = 24;
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const PERMISSION_PATTERN = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/;
const PATTERN_PART = '[a-z0-9*](?:[a-z0-9*-]*)';
const PATTERN = new RegExp(`^${PATTERN_PART}/${PATTERN_PART}$`);
const SHA256_PATTERN = /^[0-9a-f]{64}$/i;
const OPTIONS = ['name', 'owner', 'token', 'sha256', 'expiresAt', 'scopes'];

/** One thing that a token may do, and on what. */
export interface TokenScope {
  /** Name of a permission. */
  permission: string;
  /**
   * Patterns `<environment>/<model>`, `*` for any characters of a part; undefined for
   * everything that the permission is about.
   */
  on?: string[];
}

/** A token of a program, as the configuration declares it. The token itself is never kept. */
export interface ServiceToken {
  name: string;
  /** Entity ref of the group or user that answers for it. */
  owner: string;
  /** SHA-256 of the token. */
  hash: Buffer;
  /** From when on it is refused; undefined for never. */
  expiresAt?: Date;
  scopes: TokenScope[];
  /** Plugins of Backstage that ask for no permission, and that it may call. */
  plugins: string[];
}

/** What is asked of a token. */
export interface ScopeQuestion {
  permission: string;
  resourceRef?: string;
}

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
export function readServiceTokens(config: Config): ServiceToken[] {
  const entries = config.getOptionalConfigArray(EXTERNAL_ACCESS) ?? [];
  const names = new Set<string>();
  return entries.flatMap(entry => {
    if (entry.getOptionalString('type') !== SERVICE_TOKEN_TYPE) {
      refuseBorrowedSubject(entry);
      return [];
    }
    const options = entry.getConfig('options');
    if (areIssued(options)) return [];
    const token = readServiceToken(options);
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
  const name = options.getString('name');
  const wrong = (problem: string) =>
    new Error(`${EXTERNAL_ACCESS}: the token '${name}' ${problem}`);
  const problem = problemWithTokenName(name);
  if (problem) throw wrong(problem);
  const known = [...OPTIONS, 'plugins'];
  const unknown = options.keys().find(key => !known.includes(key));
  if (unknown) {
    throw wrong(`has the unknown option '${unknown}'`);
  }
  const owner = options.getString('owner');
  if (!/^(?:group|user):[^/\s]+\/[^/\s]+$/.test(owner)) {
    throw wrong(
      `has the owner '${owner}': write an entity ref such as group:default/ml-platform`,
    );
  }
  return {
    name,
    owner: owner.toLowerCase(),
    hash: readHash(options, wrong),
    expiresAt: readExpiry(options, wrong),
    scopes: options
      .getConfigArray('scopes')
      .map(scope => readScope(scope, wrong)),
    plugins: options.getOptionalStringArray('plugins') ?? [],
  };
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

function readExpiry(
  options: Config,
  wrong: (problem: string) => Error,
): Date | undefined {
  const expiresAt = options.getOptionalString('expiresAt');
  if (expiresAt === undefined) return undefined;
  const date = new Date(expiresAt);
  if (Number.isNaN(date.getTime())) {
    throw wrong(
      `has expiresAt '${expiresAt}': write ISO 8601, such as 2027-01-31`,
    );
  }
  return date;
}

/** What is wrong with a name for a token; undefined when nothing is. */
export function problemWithTokenName(name: string): string | undefined {
  return NAME_PATTERN.test(name)
    ? undefined
    : 'needs a name of lower-case letters, digits and dashes';
}

/** What is wrong with a scope, as the end of a sentence about its token; undefined when nothing is. */
export function problemWithScope({
  permission,
  on = [],
}: TokenScope): string | undefined {
  if (!PERMISSION_PATTERN.test(permission)) {
    return `has the permission '${permission}': write the name of one, such as ai-registry.model.read`;
  }
  if (on.length > 0 && !permission.startsWith('ai-')) {
    return `has on: for '${permission}', but only permissions of the AI platform are limited in that way`;
  }
  const pattern = on.find(text => !PATTERN.test(text));
  return pattern === undefined
    ? undefined
    : `has on: '${pattern}': write <environment>/<model>, such as production/* or */iris`;
}

function readScope(
  scope: Config,
  wrong: (problem: string) => Error,
): TokenScope {
  const permission = scope.getString('permission');
  const value = scope.getOptional('on');
  if (value === undefined) return { permission };
  const on =
    typeof value === 'string'
      ? [scope.getString('on')]
      : scope.getStringArray('on');
  const problem = problemWithScope({ permission, on });
  if (problem) throw wrong(problem);
  return { permission, on };
}

/** Whether the text is the token, in a time that does not depend on where they differ. */
export function isSameToken(token: ServiceToken, text: string): boolean {
  return timingSafeEqual(token.hash, hashOf(text));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function isLapsed(token: ServiceToken, now: Date): boolean {
  return token.expiresAt !== undefined && token.expiresAt <= now;
}

/** Whether a scope of the token covers it. */
export function isInScope(
  token: ServiceToken,
  { permission, resourceRef }: ScopeQuestion,
): boolean {
  return token.scopes.some(
    scope =>
      scope.permission === permission &&
      (scope.on === undefined ||
        scope.on.some(pattern => covers(pattern, resourceRef))),
  );
}

/**
 * @remarks
 *
 * A thing without an environment, such as a model, is covered only by patterns for all
 * environments; a list of everything, which has no name, only by those for everything.
 */
function covers(pattern: string, resourceRef = '*/*'): boolean {
  const [environment, model] = pattern.split('/');
  const slash = resourceRef.indexOf('/');
  if (slash === -1) return environment === '*' && matches(model, resourceRef);
  return (
    matches(environment, resourceRef.slice(0, slash)) &&
    matches(model, resourceRef.slice(slash + 1))
  );
}

function matches(pattern: string, text: string): boolean {
  // An asterisk in the text stands for everything there is: only the same one covers it.
  if (text === '*') return pattern === '*';
  const expression = pattern.split('*').join('[^/]*');
  return new RegExp(`^${expression}$`).test(text);
}
