import { jsonOrText } from '../providers/json';
import type { EncodedCall, Provider, Refusal } from '../providers/Provider';
import { ProviderError } from '../providers/ProviderError';
import type { Transport, UpstreamResponse } from '../upstream/Upstream';
import { Breaker } from './Breaker';
import {
  isCancelled,
  isTrouble,
  limitSeconds,
  outcomeOf,
  type CallOutcome,
  type Unavailability,
} from './failures';

/** What is read of an answer that refuses. */
const MAX_REFUSAL_BYTES = 256 * 1024;
/** Longest time that a service is left alone for its limit: somebody may have raised it. */
const LONGEST_LIMIT_SECONDS = 600;
/** Longest reason that is repeated to those who come later. */
const MAX_REASON_CHARACTERS = 200;
const OK = 200;
const SECRET_REFUSED = [401, 403];

/** Counts what calls came to. */
export type CallObserver = (upstream: string, outcome: CallOutcome) => void;

/** An answer that has begun. Whoever gets it reads the body to its end, and says how that went. */
export interface BegunAnswer {
  response: UpstreamResponse;
  /**
   * The answer is over. Only the first end counts.
   *
   * @param error - why it is not whole; undefined when it is
   */
  end(error?: unknown): void;
}

/** One service that a connection calls: what it is doing, and whether it is left alone. */
export class UpstreamService {
  readonly name: string;
  readonly kind: string;
  readonly provider: Provider;
  readonly #transport: Transport;
  readonly #breaker = new Breaker();
  readonly #onCall: CallObserver;
  readonly #nowMillis: () => number;
  /** By model: limits are, too. Only models of loaded versions are asked for. */
  readonly #limitedUntilMillis = new Map<string, number>();
  #inFlight = 0;
  #lastTrouble: string | undefined;

  constructor(options: {
    name: string;
    kind: string;
    provider: Provider;
    /** For calls whose provider brings no transport of its own. */
    upstream: Transport;
    onCall?: CallObserver;
    /** Monotonic. */
    nowMillis?: () => number;
  }) {
    this.name = options.name;
    this.kind = options.kind;
    this.provider = options.provider;
    this.#transport = options.provider.transport ?? options.upstream;
    this.#onCall = options.onCall ?? (() => {});
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /** Calls whose answers are on their way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether it is called, whatever the model is. */
  get isAvailable(): boolean {
    const nowMillis = this.#nowMillis();
    return (
      this.#breaker.availableAtMillis(nowMillis) <= nowMillis &&
      [...this.#limitedUntilMillis.values()].every(until => until <= nowMillis)
    );
  }

  /** Why calls to the model are not sent to it now; undefined when they are. */
  unavailability(model: string): Unavailability | undefined {
    const nowMillis = this.#nowMillis();
    const limited = this.#limitedUntilMillis.get(model) ?? 0;
    const open = this.#breaker.availableAtMillis(nowMillis);
    if (open > nowMillis && open >= limited) {
      return { kind: 'failing', untilMillis: open, reason: this.#lastTrouble };
    }
    if (limited <= nowMillis) {
      this.#limitedUntilMillis.delete(model);
      return undefined;
    }
    return { kind: 'limited', untilMillis: limited };
  }

  /** Leaves it alone with calls to the model. */
  limit(model: string, seconds: number): void {
    const millis = Math.min(seconds, LONGEST_LIMIT_SECONDS) * 1_000;
    if (millis > 0) {
      this.#limitedUntilMillis.set(model, this.#nowMillis() + millis);
    }
  }

  /**
   * Sends a call once.
   *
   * @returns an answer of the status 200, whose body was not read yet
   * @throws ProviderError, UpstreamFailure or SecretError
   */
  async send(call: EncodedCall, signal: AbortSignal): Promise<BegunAnswer> {
    this.#breaker.begin();
    this.#inFlight++;
    let response: UpstreamResponse;
    try {
      response = await this.#sendAndMend(call, signal);
    } catch (error) {
      this.#inFlight--;
      const limit = limitSeconds(error);
      if (limit) this.limit(call.model, limit.seconds ?? 0);
      this.#end(error);
      throw error;
    }
    this.#breaker.answered();
    // However the body is read, or left.
    void response.body.over.then(() => {
      this.#inFlight--;
    });
    let ended = false;
    return {
      response,
      end: error => {
        if (ended) return;
        ended = true;
        this.#end(error);
      },
    };
  }

  /**
   * Sends a call that nobody waits for: how it goes says nothing about whether others are sent.
   *
   * @returns as {@link UpstreamService.send} does
   * @throws ProviderError, UpstreamFailure or SecretError
   */
  async sendApart(
    call: EncodedCall,
    signal: AbortSignal,
  ): Promise<BegunAnswer> {
    const response = await this.#sendAndMend(call, signal);
    return { response, end: () => {} };
  }

  #end(error: unknown): void {
    const nowMillis = this.#nowMillis();
    if (error === undefined) {
      this.#breaker.succeeded(nowMillis);
      this.#onCall(this.name, 'answered');
      return;
    }
    this.#onCall(this.name, outcomeOf(error));
    if (isTrouble(error)) {
      this.#lastTrouble = reasonOf(error).slice(0, MAX_REASON_CHARACTERS);
      this.#breaker.failed(nowMillis);
    } else if (isCancelled(error)) this.#breaker.undecided(nowMillis);
    else this.#breaker.succeeded(nowMillis);
  }

  async #sendAndMend(
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
    const response = await this.#transport.open(prepared, signal);
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

/** Who refuses a secret may repeat it. */
function reasonOf(error: unknown): string {
  if (error instanceof ProviderError && SECRET_REFUSED.includes(error.status)) {
    return `the provider does not take its secret (${error.status})`;
  }
  return error instanceof Error ? error.message : String(error);
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
