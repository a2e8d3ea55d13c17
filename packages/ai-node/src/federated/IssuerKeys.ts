import { ServiceUnavailableError } from '@backstage/errors';
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { problemWithAddress } from './issuerAddress';

/** Keys are asked for anew after this time: one that the issuer took back ends with it. */
const FRESH_MILLIS = 10 * 60_000;
/** While the issuer does not answer, its last keys count for so long. */
const LONGEST_MILLIS = 60 * 60_000;
/** Tokens with unknown keys make at most one request in this time. */
const UNKNOWN_KEY_PAUSE_MILLIS = 30_000;
/** An issuer that did not answer is left alone for so long. */
const FAILURE_PAUSE_MILLIS = 5_000;
const TIMEOUT_MILLIS = 5_000;
const MAX_BYTES = 256 * 1024;

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/**
 * The public keys of one issuer, as it publishes them.
 *
 * @remarks
 *
 * However many tokens come, and whatever is in them: one request at a time goes to the issuer, and
 * few of them. Callers wait for it at most once, and not at all while it is known to be away.
 */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #jwksUrl: string | undefined;
  readonly #nowMillis: () => number;
  #known: { find: LocalKeys; atMillis: number } | undefined;
  #asking: Promise<void> | undefined;
  #failure: { error: unknown; atMillis: number } | undefined;

  constructor(options: {
    issuer: string;
    /** Undefined where the issuer's own document says where its keys are. */
    jwksUrl?: string;
    nowMillis?: () => number;
  }) {
    this.#issuer = options.issuer;
    this.#jwksUrl = options.jwksUrl;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /**
   * The key that a token says it is signed with.
   *
   * @throws ServiceUnavailableError while nobody can tell, `JWKSNoMatchingKey` when there is none
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMillis() > FRESH_MILLIS) await this.#ask();
    const known = this.#usable();
    try {
      return await known.find(header, token);
    } catch (error) {
      const mayAsk = this.#ageMillis() >= UNKNOWN_KEY_PAUSE_MILLIS;
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayAsk) throw error;
      // The issuer may have made a new key since.
      await this.#ask();
      return this.#usable().find(header, token);
    }
  };

  #ageMillis(): number {
    return this.#known ? this.#nowMillis() - this.#known.atMillis : Infinity;
  }

  #usable() {
    if (this.#known && this.#ageMillis() <= LONGEST_MILLIS) return this.#known;
    throw new ServiceUnavailableError(
      'The issuer of the token does not answer, so that nobody can tell whether the token is valid: try again in some seconds',
      this.#failure?.error,
    );
  }

  /** Never throws: what is known already may do. */
  async #ask(): Promise<void> {
    const failedLately =
      this.#failure &&
      this.#nowMillis() - this.#failure.atMillis < FAILURE_PAUSE_MILLIS;
    if (failedLately) return undefined;
    this.#asking ??= this.#fetchKeys().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #fetchKeys(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
      const keys = await fetchJson(
        this.#jwksUrl ?? (await this.#discover(signal)),
        signal,
      );
      // It checks that they are keys.
      const find = createLocalJWKSet(keys as unknown as JSONWebKeySet);
      this.#known = { find, atMillis: this.#nowMillis() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error, atMillis: this.#nowMillis() };
    }
  }

  async #discover(signal: AbortSignal): Promise<string> {
    const base = this.#issuer.replace(/\/$/, '');
    const document = await fetchJson(
      `${base}/.well-known/openid-configuration`,
      signal,
    );
    const { issuer, jwks_uri: address } = document;
    if (issuer !== this.#issuer) {
      throw new Error(
        `${base} says that its issuer is '${issuer}', not '${
          this.#issuer
        }': write it in the same way`,
      );
    }
    if (typeof address !== 'string' || problemWithAddress(address)) {
      throw new Error(`${base} does not say where its keys are (jwks_uri)`);
    }
    return address;
  }
}

async function fetchJson(
  address: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await fetch(address, {
    signal,
    redirect: 'error',
    headers: { Accept: 'application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${address} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_BYTES) {
      throw new Error(`${address} answered more than ${MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null) {
    throw new Error(`${address} answered no JSON object`);
  }
  return value as Record<string, unknown>;
}
