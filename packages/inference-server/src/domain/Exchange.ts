import type { FallbackReason } from '@greenroom/plugin-ai-inference-common';
import type {
  Admission,
  Caller,
  LimitState,
  Ticket,
  TokenReservation,
} from './Admission';
import { findVersion } from './findVersion';
import { InferenceError } from './InferenceError';
import type { LanguageTask, TokenCounts } from './LanguageModel';
import type { Cancellation } from './ModelRunner';
import type { ServedRoute } from './ServedRoute';
import type { ServedVersion } from './ServedVersion';
import type { Tensor } from './tensor';
import { usedTokens, type TokenEstimate } from './tokenUse';

/** What a caller asks for, in whatever protocol. */
export interface Asked {
  readonly model: string;
  /** As the caller wrote it; undefined to leave the choice to the route. */
  readonly version: string | undefined;
  readonly credential: string | undefined;
  /** Keeps the caller on one variant. */
  readonly assignmentId: string | undefined;
  /** Where it is asked in the place of another model, whose callers may have it answered by this one. */
  readonly fallback?: { from: string; reason: FallbackReason };
}

/** What a request to a model of tensors carried. */
export interface TensorPayload {
  readonly kind: 'tensors';
  /** Size of the first dimension that the inputs share; 1 when they share none. */
  readonly rows: number;
  /** In the order of the signature. */
  readonly inputs: readonly Tensor[];
  /** Undefined until the run is over. */
  outputs: readonly Tensor[] | undefined;
}

/** What a request to a language model came to. */
export interface LanguagePayload {
  readonly kind: 'language';
  readonly task: LanguageTask;
  /** As far as they are known. */
  tokens: TokenCounts;
  /** When the first of a streamed answer was there, by the monotonic clock. */
  firstChunkMillis: number | undefined;
  /** Of the answer, as far as it came; undefined before it has begun. */
  answeredCharacters: number | undefined;
}

/** What was asked of the chosen version and what it answered, by the kind of version. */
export type Payload = TensorPayload | LanguagePayload;

/** Where an exchange takes place. */
export interface ExchangeHost {
  readonly admission: Admission;
  /** @throws InferenceError `unauthenticated`, `forbidden`, `not-found` or `not-ready`. */
  admit(asked: Pick<Asked, 'credential' | 'model' | 'fallback'>): {
    caller: Caller;
    route: ServedRoute;
  };
  /** @throws InferenceError `not-found` or `not-ready`. */
  choose(asked: Asked): ServedVersion;
  /** Takes down what happened. */
  record(exchange: Exchange, status: number): void;
}

/**
 * One request on its way through, the same for every protocol: enter, route, run, end. What
 * it holds (a place, bytes, a loaded version) is given back when it ends, and it is recorded
 * once, however often an edge ends it.
 */
export class Exchange implements Cancellation {
  readonly asked: Asked;
  /** Milliseconds since the epoch. */
  readonly arrivedAtMillis = Date.now();
  /** Monotonic clock, in milliseconds. */
  readonly startedMillis = performance.now();
  /** What the run was given and has given; undefined before. */
  payload: Payload | undefined = undefined;
  readonly #host: ExchangeHost;
  readonly #peer: Cancellation;
  #admitted = false;
  #caller: Caller | undefined = undefined;
  #ticket: Ticket | undefined = undefined;
  #reserved: { estimate: TokenEstimate; by: TokenReservation } | undefined =
    undefined;
  #served: ServedVersion | undefined = undefined;
  #limited = false;
  #ended = false;

  /** @param peer - says whether the caller is still there */
  constructor(host: ExchangeHost, asked: Asked, peer: Cancellation) {
    this.asked = asked;
    this.#host = host;
    this.#peer = peer;
  }

  get cancelled(): boolean {
    return this.#peer.cancelled;
  }

  /** Whether the key is good for the model, and there is one. */
  get admitted(): boolean {
    return this.#admitted;
  }

  /** The version that answers, once it is chosen. */
  get served(): ServedVersion | undefined {
    return this.#served;
  }

  /** Whether it was refused for a limit of its key, before anything was asked. */
  get limited(): boolean {
    return this.#limited;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Checks who calls, that there is something to call, and that there is room, before a body
   * is read.
   *
   * @throws InferenceError `unauthenticated`, `forbidden`, `not-found`, `not-ready` or `overloaded`.
   */
  enter(): void {
    const { model, version } = this.asked;
    const { caller, route } = this.#host.admit(this.asked);
    this.#admitted = true;
    this.#caller = caller;
    if (version !== undefined) findVersion(route, version);
    this.#ticket = this.#host.admission.enter(caller, model);
  }

  /**
   * Counts bytes that the request holds in memory until it ends.
   *
   * @throws InferenceError `overloaded` when that would be too many.
   */
  hold(bytes: number): void {
    this.#ticket?.hold(bytes);
  }

  /**
   * Sets aside what a request to a language model may come to, until it ends.
   *
   * @returns how much is left of the key's limit; undefined where it has none
   * @throws InferenceError `limit-reached`, `over-limit` or `not-ready`
   */
  reserve(estimate: TokenEstimate): LimitState | undefined {
    if (!this.#caller) return undefined;
    const by = this.#reserveOf(this.#caller, estimate);
    this.#reserved = { estimate, by };
    return by.state;
  }

  /**
   * Chooses the version that answers, and keeps it loaded until the end.
   *
   * @throws InferenceError `not-found` or `not-ready`.
   */
  route(): ServedVersion {
    const served = this.#host.choose(this.asked);
    served.enter();
    this.#served = served;
    return served;
  }

  /**
   * Ends the exchange, after the answer was handed over. Only the first end counts.
   *
   * @param status - HTTP status, or what another protocol's code maps to
   */
  end(status: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ticket?.leave();
    this.#settle(status);
    this.#host.record(this, status);
    this.#served?.leave();
  }

  #reserveOf(
    caller: Caller,
    { input, output }: TokenEstimate,
  ): TokenReservation {
    try {
      return this.#host.admission.reserve(caller, input + output);
    } catch (error) {
      this.#limited = isForLimit(error);
      throw error;
    }
  }

  #settle(status: number): void {
    if (!this.#reserved) return;
    const { estimate, by } = this.#reserved;
    const language =
      this.payload?.kind === 'language' ? this.payload : undefined;
    const used = usedTokens({
      estimate,
      status,
      tokens: language?.tokens ?? { input: undefined, output: undefined },
      answeredCharacters: language?.answeredCharacters,
    });
    by.settle(used);
  }
}

function isForLimit(error: unknown): boolean {
  if (!(error instanceof InferenceError)) return false;
  return error.kind === 'limit-reached' || error.kind === 'over-limit';
}
