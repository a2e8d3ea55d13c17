import type { Upstream, UpstreamCall } from '../../upstream/Upstream';
import { z } from 'zod';
import { ProviderError } from '../ProviderError';

/** A token is not used in its last minutes: the service's clock may be ahead. */
const MARGIN_MILLIS = 5 * 60_000;
/** Of a token that lives for less than the margin, this share of its life is used. */
const SHORT_LIFE_SHARE = 0.5;
/** One that is younger is not fetched anew: it is the caller who is refused, not the token. */
const LEAST_AGE_MILLIS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** What a token endpoint answers (RFC 6749, section 5.1). */
const grant = z.looseObject({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
});
/** And what it answers when it refuses (section 5.2). */
const refusal = z.looseObject({
  error: z.string(),
  error_description: z.string().optional(),
});

interface Kept {
  token: string;
  sinceMillis: number;
  usableUntilMillis: number;
}

/** Access tokens of an OAuth 2.0 server: one is fetched, kept while it lasts, and shared by all calls. */
export class TokenSource {
  readonly #upstream: Upstream;
  readonly #request: () => Promise<UpstreamCall>;
  readonly #nowMillis: () => number;
  #kept: Kept | undefined;
  #fetching: Promise<string> | undefined;

  constructor(options: {
    upstream: Upstream;
    /** Asks for a token; made anew each time, since it may be signed with the time in it. */
    request: () => Promise<UpstreamCall>;
    nowMillis?: () => number;
  }) {
    this.#upstream = options.upstream;
    this.#request = options.request;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /** @throws UpstreamFailure, SecretError, or ProviderError when it is refused */
  async get(): Promise<string> {
    if (this.#kept && this.#nowMillis() < this.#kept.usableUntilMillis) {
      return this.#kept.token;
    }
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** The service did not take it. @returns whether the next call gets another one */
  renew(): boolean {
    const nowMillis = this.#nowMillis();
    const isFresh =
      this.#kept && nowMillis - this.#kept.sinceMillis < LEAST_AGE_MILLIS;
    if (isFresh || this.#fetching) return false;
    this.#kept = undefined;
    return true;
  }

  async #fetch(): Promise<string> {
    const askedMillis = this.#nowMillis();
    // Several callers wait for it: it does not end when one of them goes away.
    const response = await this.#upstream.open(
      await this.#request(),
      new AbortController().signal,
    );
    const text = String(await response.body.read(MAX_ANSWER_BYTES));
    const body = parse(text);
    const granted = grant.safeParse(body);
    if (response.status !== 200 || !granted.success) {
      throw refused(response.status, body);
    }
    const { access_token: token, expires_in: seconds } = granted.data;
    const lifeMillis = seconds * 1_000;
    this.#kept = {
      token,
      sinceMillis: askedMillis,
      usableUntilMillis:
        askedMillis +
        Math.max(lifeMillis - MARGIN_MILLIS, lifeMillis * SHORT_LIFE_SHARE),
    };
    return token;
  }
}

function refused(status: number, body: unknown): ProviderError {
  const said = refusal.safeParse(body);
  const reason = said.success
    ? said.data.error_description ?? said.data.error
    : `it answered with status ${status}`;
  const passing = status === 429 || status >= 500;
  return new ProviderError(`no access token was given: ${reason}`, {
    status: passing ? status : 401,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
