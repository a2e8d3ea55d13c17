import { InputError } from '@backstage/errors';
import { parseMoment } from '@greenroom/ai-node';
import {
  KEY_SCOPES,
  type ApiKey,
  type KeyScope,
  type NewApiKey,
} from '@greenroom/plugin-ai-inference-common';
import { MODEL_NAME_PATTERN } from '@greenroom/plugin-ai-registry-common';
import { createHash, randomBytes } from 'node:crypto';
import { parseKeyLimits } from './parseLimits';

const SECRET_BYTES = 32;
/** Digits that write any 32 bytes in base 62. */
const SECRET_DIGITS = Math.ceil((SECRET_BYTES * 8) / Math.log2(62));
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'gr_';
/** Enough to tell keys apart, far too little to guess one. */
const SHOWN_DIGITS = 6;

const MAX_NAME_LENGTH = 100;
const MAX_MODELS = 100;

const DAY_MILLIS = 24 * 60 * 60 * 1_000;
/** A browser that asks for the longest time reckons from its own clock. */
const CLOCK_DIFFERENCE_MILLIS = 60 * 60 * 1_000;

export interface KeySettings {
  now: Date;
  maxLifetimeMillis: number;
}

/** A fresh key, and what may be stored of it. */
export interface Secret {
  secret: string;
  /** Of the whole secret, hexadecimal. */
  sha256: string;
  prefix: string;
}

/** Makes a key of 32 random bytes: `gr_` and 43 letters and digits. */
export function createSecret(random = randomBytes(SECRET_BYTES)): Secret {
  let rest = BigInt(`0x${random.toString('hex')}`);
  let digits = '';
  for (let index = 0; index < SECRET_DIGITS; index++) {
    digits = BASE62[Number(rest % 62n)] + digits;
    rest /= 62n;
  }
  const secret = PREFIX + digits;
  return {
    secret,
    sha256: createHash('sha256').update(secret).digest('hex'),
    prefix: secret.slice(0, PREFIX.length + SHOWN_DIGITS),
  };
}

/**
 * The key that was asked for, in its stored form.
 *
 * @throws InputError that names the field, for a name, models or an expiry that cannot be meant
 */
export function parseNewApiKey(
  key: NewApiKey,
  settings: KeySettings,
): Pick<
  ApiKey,
  'name' | 'models' | 'expiresAt' | 'limits' | 'requestLimits' | 'scopes'
> {
  const name = key.name.trim();
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
    throw new InputError(
      `name must have 1 to ${MAX_NAME_LENGTH} characters: say who will use the key`,
    );
  }
  const models = [...new Set(key.models)].sort();
  if (models.length === 0 || models.length > MAX_MODELS) {
    throw new InputError(
      `models must name 1 to ${MAX_MODELS} models, or be ["*"] for all of them`,
    );
  }
  for (const model of models) {
    if (model !== '*' && !MODEL_NAME_PATTERN.test(model)) {
      throw new InputError(
        `models has '${model}', which is no model's name: use lower-case letters, digits and dashes, or "*" for all models`,
      );
    }
  }
  return {
    name,
    models: models.includes('*') ? ['*'] : models,
    expiresAt: parseExpiry(key.expiresAt, settings),
    ...parseKeyLimits(key),
    scopes: parseScopes(key.scopes ?? []),
  };
}

/**
 * What a key may do besides calling models, each once.
 *
 * @throws InputError
 */
export function parseScopes(scopes: readonly string[]): KeyScope[] {
  const unknown = scopes.find(
    scope => !KEY_SCOPES.some(known => known === scope),
  );
  if (unknown !== undefined) {
    throw new InputError(
      `scopes has '${unknown}': expected some of ${KEY_SCOPES.join(', ')}`,
    );
  }
  return KEY_SCOPES.filter(scope => scopes.includes(scope));
}

function parseExpiry(
  expiresAt: string | undefined,
  { now, maxLifetimeMillis }: KeySettings,
): string {
  const latest = now.getTime() + maxLifetimeMillis;
  if (expiresAt === undefined) return new Date(latest).toISOString();
  const millis = parseMoment(expiresAt)?.getTime();
  if (millis === undefined) {
    throw new InputError(
      `expiresAt is '${expiresAt}', which is no time: write ISO 8601, such as 2027-01-31T00:00:00Z`,
    );
  }
  if (millis <= now.getTime()) {
    throw new InputError(
      `expiresAt is ${expiresAt}, which is over already: give a later time`,
    );
  }
  if (millis > latest + CLOCK_DIFFERENCE_MILLIS) {
    throw new InputError(
      `expiresAt is ${expiresAt}, but a key lives at most ${
        maxLifetimeMillis / DAY_MILLIS
      } days (aiInference.keys.maxLifetimeDays): give a time before ${new Date(
        latest,
      ).toISOString()}`,
    );
  }
  return new Date(Math.min(millis, latest)).toISOString();
}
