import type { Config } from '@backstage/config';
import { readTerms, type TokenTerms } from '../tokenTerms';
import { problemWithAddress } from './issuerAddress';

/**
 * Tokens that somebody else issues and signs, such as GitHub for a run of a workflow, as the
 * configuration takes them: who signs, for whom, and about what.
 */
export interface FederatedToken extends TokenTerms {
  /** `iss` of the tokens, and where the keys are found that they are signed with. */
  issuer: string;
  /** Where the keys are; undefined where the issuer's own document says it. */
  jwksUrl?: string;
  /** `aud` of the tokens: it keeps those that were made for somebody else away. */
  audience: string;
  /** Patterns that claims must match, by name. */
  claims: Record<string, string[]>;
}

/** What a token says, after its signature was checked. */
export type Claims = Record<string, unknown>;

const OPTIONS = ['from', 'issuer', 'jwksUrl', 'audience', 'claims'];

/** The portal's own tokens of people carry it: a foreign token must not be taken for one of them. */
const PORTAL_AUDIENCE = 'backstage';
/** Claims that say whose program it is: without one, anybody at the issuer would be let in. */
const WHOSE = ['sub', 'repository', 'repository_id', 'project_path'];
/** Claims that say which of its runs: without one, every branch of the repository would do. */
const WHICH = ['sub', 'ref', 'environment', 'job_workflow_ref'];
const LONGEST_SHOWN = 200;

/** Whether an entry stands for tokens of an issuer. */
export function areFederated(options: Config): boolean {
  return options.getOptionalString('from') === 'oidc';
}

/**
 * @param options - the `options` of an entry
 * @throws Error that names the token and the field
 */
export function readFederatedToken(options: Config): FederatedToken {
  const { terms, wrong } = readTerms(options, OPTIONS);
  const issuer = options.getString('issuer');
  const jwksUrl = options.getOptionalString('jwksUrl');
  for (const [field, address] of Object.entries({ issuer, jwksUrl })) {
    const problem =
      address === undefined ? address : problemWithAddress(address);
    if (problem) throw wrong(`has the ${field} '${address}': ${problem}`);
  }
  const audience = options.getString('audience');
  if (audience === PORTAL_AUDIENCE) {
    throw wrong(
      `has the audience '${PORTAL_AUDIENCE}', which is that of people: choose another, such as the portal's address`,
    );
  }
  const claims = readClaims(options.getConfig('claims'));
  const problem = problemWithClaims(claims);
  if (problem) throw wrong(problem);
  return { ...terms, issuer, jwksUrl, audience, claims };
}

function readClaims(config: Config): Record<string, string[]> {
  return Object.fromEntries(
    config.keys().map(name => {
      const value = config.getOptional(name);
      return [
        name,
        Array.isArray(value)
          ? config.getStringArray(name)
          : [config.getString(name)],
      ];
    }),
  );
}

function problemWithClaims(
  claims: Record<string, string[]>,
): string | undefined {
  const names = Object.keys(claims);
  const empty = names.find(
    name => claims[name].length === 0 || claims[name].includes(''),
  );
  if (empty) return `has nothing in claims.${empty}: write what it must be`;
  const whose = WHOSE.filter(name => names.includes(name));
  if (whose.length === 0) {
    return `needs claims.repository, such as acme/environments (or one of ${WHOSE.join(
      ', ',
    )}): anybody can get a token of this issuer`;
  }
  // `repo:acme/environments:…` and `acme/environments`: who owns it is never left open.
  const open = whose.find(name =>
    claims[name].some(pattern => /^[^/]*\*/.test(pattern)),
  );
  if (open) {
    return `has claims.${open}: '${claims[open].join(
      "', '",
    )}' with an asterisk before the first slash: write whose it is`;
  }
  return WHICH.some(name => names.includes(name))
    ? undefined
    : `needs claims.ref, such as refs/heads/main, or claims.environment (or one of ${WHICH.join(
        ', ',
      )}): whoever can push any branch would get its scopes`;
}

/**
 * Why the claims are not those that the entry asks for, as the end of a sentence; undefined when they
 * are.
 */
export function problemWithToken(
  token: Pick<FederatedToken, 'claims' | 'audience'>,
  claims: Claims,
): string | undefined {
  const audiences = [claims.aud].flat();
  if (!audiences.includes(token.audience)) {
    return `its audience is ${shown(claims.aud)}, and ${shown(
      token.audience,
    )} was expected`;
  }
  const wrong = Object.keys(token.claims).find(
    name => !token.claims[name].some(pattern => fits(pattern, claims[name])),
  );
  return wrong === undefined
    ? undefined
    : `its claim ${wrong} is ${shown(claims[wrong])}, and ${token.claims[wrong]
        .map(shown)
        .join(' or ')} was expected`;
}

/**
 * An asterisk stands for any characters of a part. Slashes and colons end one: `repo:acme/*` covers
 * no subject of an environment.
 */
function fits(pattern: string, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (!pattern.includes('*')) return value === pattern;
  const expression = pattern
    .split('*')
    .map(text => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/:\\n]*');
  return new RegExp(`^${expression}$`).test(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > LONGEST_SHOWN
    ? `${text.slice(0, LONGEST_SHOWN)}…`
    : text;
}
