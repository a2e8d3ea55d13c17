import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { Refusal } from './http/answers';
import { botOf, type State } from './state';

/** Who asks. */
export type Caller =
  /** The App itself, by a JWT that it has signed: it may only ask for tokens. */
  | { kind: 'app' }
  | { kind: 'installation'; login: string }
  | { kind: 'user'; login: string };

const LONGEST_JWT_SECONDS = 10 * 60;
const CLOCK_DRIFT_SECONDS = 60;

/** @throws Refusal in GitHub's words */
export function authenticate(
  state: State,
  authorization: string | undefined,
): Caller {
  const [scheme, credential = ''] = (authorization ?? '').split(' ');
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return credential.split('.').length === 3
        ? checkJwt(state, credential)
        : checkToken(state, credential);
    case 'basic': {
      const text = Buffer.from(credential, 'base64').toString();
      return checkToken(state, text.slice(text.indexOf(':') + 1));
    }
    default:
      throw new Refusal(401, 'Requires authentication');
  }
}

function checkToken(state: State, token: string): Caller {
  const endsAt = state.installationTokens.get(token);
  if (endsAt !== undefined && endsAt > Date.now()) {
    return { kind: 'installation', login: botOf(state.app) };
  }
  const login = state.personalTokens.get(token);
  if (login === undefined) throw new Refusal(401, 'Bad credentials');
  return { kind: 'user', login };
}

/** Signature, issuer and times, as GitHub wants them. */
function checkJwt(state: State, token: string): Caller {
  const [header, payload, signature] = token.split('.');
  const isSigned =
    decode(header).alg === 'RS256' &&
    verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      createPublicKey(state.app.publicKey),
      Buffer.from(signature, 'base64url'),
    );
  if (!isSigned) {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
  const { iss, iat, exp } = decode(payload);
  const nowSeconds = Date.now() / 1000;
  if (String(iss) !== String(state.app.id)) {
    throw new Refusal(401, "'Issuer' claim ('iss') must be an Integer");
  }
  if (typeof exp !== 'number' || exp < nowSeconds) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > nowSeconds + LONGEST_JWT_SECONDS + CLOCK_DRIFT_SECONDS) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') is too far in the future",
    );
  }
  if (typeof iat !== 'number' || iat > nowSeconds + CLOCK_DRIFT_SECONDS) {
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  return { kind: 'app' };
}

function decode(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
}

/** A token of the App's installation, good for an hour unless another time is given. */
export function issueInstallationToken(
  state: State,
  lifeMillis: number,
): { token: string; expiresAt: string } {
  const token = `ghs_${randomBytes(18).toString('hex')}`;
  const endsAt = Date.now() + lifeMillis;
  state.installationTokens.set(token, endsAt);
  return {
    token,
    expiresAt: new Date(endsAt).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
