import {
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  SamplingBreaker,
  type IPolicy,
} from 'cockatiel';
import { jsonOrText } from '../providers/json';
import type { EncodedCall, Provider, Refusal } from '../providers/Provider';
import { ProviderError } from '../providers/ProviderError';
import type { Secrets } from '../secrets/Secrets';
import type { Upstream, UpstreamResponse } from '../upstream/Upstream';
import { UpstreamFailure } from '../upstream/UpstreamFailure';

/** Attempts of one call, the first one included. */
const MAX_ATTEMPTS = 3;
const FIRST_DELAY_MILLIS = 200;
const LONGEST_DELAY_MILLIS = 2_000;
/** The breaker opens when half of the calls of this time failed, of at least one a second. */
const BREAKER = { threshold: 0.5, duration: 30_000, minimumRps: 1 };
const HALF_OPEN_AFTER_MILLIS = 10_000;
/** Statuses of a service that cannot answer right now. */
const PASSING = [408, 409, 429, 500, 502, 503, 504, 529];
/** Statuses that say that the service itself is in trouble; a limit is none. */
const TROUBLE = [500, 502, 503, 504, 529];
/** What is read of an answer that refuses. */
const MAX_REFUSAL_BYTES = 256 * 1024;
const OK = 200;

/** A way to a service, shared by all versions that name it. */
export class Connection {
  readonly name: string;
  readonly kind: string;
  readonly provider: Provider;
  readonly #secrets: Pick<Secrets, 'redact'>;
  readonly #upstream: Upstream;
  readonly #policy: { breaker: IPolicy; retry: IPolicy };

  constructor(options: {
    name: string;
    kind: string;
    provider: Provider;
    secrets: Pick<Secrets, 'redact'>;
    upstream: Upstream;
  }) {
    this.name = options.name;
    this.kind = options.kind;
    this.provider = options.provider;
    this.#secrets = options.secrets;
    this.#upstream = options.upstream;
    this.#policy = {
      breaker: circuitBreaker(handleWhen(isTrouble), {
        halfOpenAfter: HALF_OPEN_AFTER_MILLIS,
        breaker: new SamplingBreaker(BREAKER),
      }),
      retry: retry(handleWhen(isPassing), {
        maxAttempts: MAX_ATTEMPTS - 1,
        backoff: new ExponentialBackoff({
          initialDelay: FIRST_DELAY_MILLIS,
          maxDelay: LONGEST_DELAY_MILLIS,
        }),
      }),
    };
  }

  /** What is shown of what the service says: never a secret that it repeats. */
  redact(text: string): string {
    return this.#secrets.redact(text);
  }

  /**
   * Sends a call until it is answered with what was asked for, a few times at most. Nothing
   * is sent again once an answer has begun.
   *
   * @returns an answer of the status 200, whose body was not read yet
   * @throws ProviderError, UpstreamFailure, SecretError or BrokenCircuitError
   */
  send(call: EncodedCall, signal: AbortSignal): Promise<UpstreamResponse> {
    const { breaker, retry: again } = this.#policy;
    return again.execute(
      () => breaker.execute(() => this.#sendOnce(call, signal)),
      signal,
    );
  }

  async #sendOnce(
    call: EncodedCall,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> {
    const first = await this.#open(call, signal);
    if ('answer' in first) return first.answer;
    if (!this.provider.mend?.(first.refusal)) throw this.#error(first.refusal);
    const second = await this.#open(call, signal);
    if ('answer' in second) return second.answer;
    throw this.#error(second.refusal);
  }

  async #open(
    call: EncodedCall,
    signal: AbortSignal,
  ): Promise<{ answer: UpstreamResponse } | { refusal: Refusal }> {
    const prepared = await this.provider.prepare(call, signal);
    const response = await this.#upstream.open(prepared, signal);
    const { status, headers, body } = response;
    if (status === OK) return { answer: response };
    const text = await body
      .read(MAX_REFUSAL_BYTES)
      .then(bytes => bytes.toString('utf8'))
      .catch(() => '');
    const refusal = {
      status,
      headers,
      body: jsonOrText(text),
      call: prepared,
    };
    return { refusal };
  }

  #error(refusal: Refusal): ProviderError {
    const { reason, status = refusal.status } = this.provider.explain(refusal);
    return new ProviderError(reason ?? `it answered with status ${status}`, {
      status,
      retryAfterSeconds: retryAfter(refusal.headers),
    });
  }
}

/** Worth another try: it may pass, and soon. */
function isPassing(error: unknown): boolean {
  if (error instanceof UpstreamFailure) return error.kind === 'unreachable';
  if (!(error instanceof ProviderError)) return false;
  return (
    PASSING.includes(error.status) &&
    (error.retryAfterSeconds ?? 0) * 1_000 <= LONGEST_DELAY_MILLIS
  );
}

/** Speaks against the service, not against the request. */
function isTrouble(error: unknown): boolean {
  if (error instanceof UpstreamFailure) return error.kind !== 'cancelled';
  return error instanceof ProviderError && TROUBLE.includes(error.status);
}

/** `retry-after-ms` of OpenAI, else `retry-after` in seconds or as a date (RFC 9110). */
function retryAfter(headers: UpstreamResponse['headers']): number | undefined {
  const millis = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && millis >= 0) {
    return millis / 1_000;
  }
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds;
  const until = Date.parse(String(text)) - Date.now();
  return Number.isNaN(until) ? undefined : Math.max(0, until / 1_000);
}
