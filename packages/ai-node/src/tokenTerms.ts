import type { Config } from '@backstage/config';
import { parseMoment } from './parseMoment';

export const EXTERNAL_ACCESS = 'backend.auth.externalAccess';
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const PERMISSION_PATTERN = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/;
const PATTERN_PART = '[a-z0-9*](?:[a-z0-9*-]*)';
const PATTERN = new RegExp(`^${PATTERN_PART}/${PATTERN_PART}$`);
const OPTIONS = ['name', 'owner', 'expiresAt', 'scopes', 'plugins'];

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

/** What goes with a token, however it is recognized. */
export interface TokenTerms {
  name: string;
  /** Entity ref of the group or user that answers for it. */
  owner: string;
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

/**
 * @param options - the `options` of an entry
 * @param more - names of the options that a token of its kind has besides
 * @returns what all kinds have, and what makes an error out of something wrong with this one
 */
export function readTerms(
  options: Config,
  more: string[],
): { terms: TokenTerms; wrong: (problem: string) => Error } {
  const name = options.getString('name');
  const wrong = (problem: string) =>
    new Error(`${EXTERNAL_ACCESS}: the token '${name}' ${problem}`);
  const problem = problemWithTokenName(name);
  if (problem) throw wrong(problem);
  const unknown = options
    .keys()
    .find(key => ![...OPTIONS, ...more].includes(key));
  if (unknown) {
    throw wrong(`has the unknown option '${unknown}'`);
  }
  const owner = options.getString('owner');
  if (!/^(?:group|user):[^/\s]+\/[^/\s]+$/.test(owner)) {
    throw wrong(
      `has the owner '${owner}': write an entity ref such as group:default/ml-platform`,
    );
  }
  const terms = {
    name,
    owner: owner.toLowerCase(),
    expiresAt: readExpiry(options, wrong),
    scopes: options
      .getConfigArray('scopes')
      .map(scope => readScope(scope, wrong)),
    plugins: options.getOptionalStringArray('plugins') ?? [],
  };
  return { terms, wrong };
}

function readExpiry(
  options: Config,
  wrong: (problem: string) => Error,
): Date | undefined {
  const expiresAt = options.getOptionalString('expiresAt');
  if (expiresAt === undefined) return undefined;
  const date = parseMoment(expiresAt);
  if (!date) {
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

export function isLapsed(token: TokenTerms, now: Date): boolean {
  return token.expiresAt !== undefined && token.expiresAt <= now;
}

/** Whether a scope of the token covers it. */
export function isInScope(
  token: TokenTerms,
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

/**
 * Patterns of the names that the token may do it with, in all environments; `*` stands for any letters. Of a scope without
 * an end there is none: it covers everything.
 */
export function namesInScope(
  { scopes }: Pick<TokenTerms, 'scopes'>,
  permission: string,
): string[] {
  return scopes
    .filter(scope => scope.permission === permission)
    .flatMap(({ on = [] }) => on)
    .flatMap(pattern => {
      const [environment, name] = pattern.split('/');
      return environment === '*' ? [name] : [];
    });
}

/** Whether a name is like one of the patterns of {@link namesInScope}. */
export function isLikeName(patterns: readonly string[], name: string): boolean {
  return patterns.some(pattern => matches(pattern, name));
}

/** The patterns as those of `like` in SQL. */
export function toLikePatterns(patterns: readonly string[]): string[] {
  return patterns.map(pattern =>
    pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%'),
  );
}

function matches(pattern: string, text: string): boolean {
  // An asterisk in the text stands for everything there is: only the same one covers it.
  if (text === '*') return pattern === '*';
  const expression = pattern.split('*').join('[^/]*');
  return new RegExp(`^${expression}$`).test(text);
}
