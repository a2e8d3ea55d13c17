import { randomUUID } from 'node:crypto';
import type { FallbackReason } from '@greenroom/plugin-ai-inference-common';
import type {
  Admission,
  Caller,
  LimitStates,
  Ticket,
  TokenReservation,
} from './Admission';
import type { AssignedBy, Assignment } from './Assignment';
import type { Notice } from './DeprecationNotices';
import { findVersion } from './findVersion';
import { InferenceError } from './InferenceError';
import type { LanguageTask, LanguageTasks, TokenCounts } from './LanguageModel';
import type { Cancellation } from './ModelRunner';
import { readTimeout } from './readTimeout';
import { isRequestId } from './requestId';
import type { ServedRoute } from './ServedRoute';
import type { ServedVersion } from './ServedVersion';
import type { LanguageGist } from './shadow/LanguageGist';
import type { Tensor } from './tensor';
import type { RunTimes } from './VersionStatistics';
import { usedTokens, type TokenEstimate } from './tokenUse';

/** What a caller asks for, in whatever protocol. */
export interface Asked extends AssignedBy {
  readonly model: string;
  /** As the caller wrote it; undefined to leave the choice to the route. */
  readonly version: string | undefined;
  readonly credential: string | undefined;
  /** What the caller calls the request. */
  readonly requestId?: string;
  /** For how many milliseconds it waits, as it wrote it. */
  readonly timeout?: string;
  /** Where it is asked in the place of another model, whose callers may have it answered by this one. */
  readonly fallback?: { from: string; reason: FallbackReason };
}

/** What a request to a model of tensors carried. */
export interface TensorPayload extends RunTimes {
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
  /** What a shadow needs to answer it too; undefined where none does. */
  copied?: CopiedText;
}

/** A request to a language model that is kept until a shadow has answered it. */
export interface CopiedText {
  request: LanguageTasks[LanguageTask]['request'];
  /** What the caller was answered, as far as it came; undefined before anything has. */
  gist: LanguageGist | undefined;
  /** Of the request as it came. */
  bytes: number;
}

/** What was asked of the chosen version and what it answered, by the kind of version. */
export type Payload = TensorPayload | LanguagePayload;

/** Where an exchange takes place. */
export interface ExchangeHost {
  readonly admission: Admission;
  /** @throws InferenceError `unauthenticated`, `forbidden`, `not-found` or `not-ready`. */
  admit(asked: Pick<Asked, 'credential' | 'model' | 'version' | 'fallback'>): {
    caller: Caller;
    route: ServedRoute;
  };
  /** @throws InferenceError `not-found` or `not-ready`. */
  assign(asked: Asked): Assignment;
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
  #route: ServedRoute | undefined = undefined;
  #requestId: string | undefined = undefined;
  #caller: Caller | undefined = undefined;
  #ticket: Ticket | undefined = undefined;
  #tokensLeft: LimitStates['tokens'] = undefined;
  #reserved: { estimate: TokenEstimate; by: TokenReservation } | undefined =
    undefined;
  #assignment: Assignment | undefined = undefined;
  #limited = false;
  #ended = false;
  #deadlineMillis: number | undefined = undefined;

  /** @param peer - says whether the caller is still there */
  constructor(host: ExchangeHost, asked: Asked, peer: Cancellation) {
    this.asked = asked;
    this.#host = host;
    this.#peer = peer;
  }

  get cancelled(): boolean {
    return this.#peer.cancelled;
  }

  get deadlineMillis(): number | undefined {
    return this.#deadlineMillis;
  }

  /** Whether the key is good for the model, and there is one. */
  get admitted(): boolean {
    return this.#admitted;
  }

  /** The version that answers, once it is chosen. */
  get served(): ServedVersion | undefined {
    return this.#assignment?.served;
  }

  /** How that version was chosen. */
  get assignment(): Assignment | undefined {
    return this.#assignment;
  }

  /** What the caller is told of a deprecation of what it asks for; undefined where there is none. */
  get deprecation(): Notice | undefined {
    const route = this.#assignment?.route ?? this.#route;
    return route?.deprecated?.find(this.served?.version);
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
   * @throws InferenceError `invalid`, `unauthenticated`, `forbidden`, `not-found`, `not-ready`, `overloaded` or
   *   `limit-reached`.
   */
  enter(): void {
    const { model, version, fallback, timeout } = this.asked;
    const { caller, route } = this.#host.admit(this.asked);
    this.#admitted = true;
    this.#caller = caller;
    this.#route = route;
    if (version !== undefined) findVersion(route, version);
    if (timeout !== undefined) this.waitsFor(readTimeout(timeout));
    try {
      this.#ticket = this.#host.admission.enter(
        caller,
        model,
        fallback ? 'instead' : 'request',
      );
    } catch (error) {
      this.#limited = isForLimit(error);
      throw error;
    }
  }

  /** Whose it is, for what is shared; undefined before it has entered. */
  get callerId(): string | undefined {
    return this.#caller?.id;
  }

  /** How much is left of the key's limits; undefined where it has none. */
  get limits(): LimitStates | undefined {
    const requests = this.#ticket?.limits?.();
    const tokens = this.#tokensLeft;
    return requests || tokens ? { ...requests, tokens } : undefined;
  }

  /**
   * Counts rows that are about to be computed.
   *
   * @throws InferenceError `limit-reached` or `over-limit`
   */
  takeRows(rows: number): void {
    try {
      this.#ticket?.takeRows?.(rows);
    } catch (error) {
      this.#limited = isForLimit(error);
      throw error;
    }
  }

  /**
   * The id by which an outcome names the request: the caller's own, or one that is made for it.
   *
   * @param inBody - what the request itself calls itself, where its headers say nothing
   * @returns undefined where the model takes no outcomes, or it is not known yet which it is
   */
  identify(inBody?: string): string | undefined {
    if (!this.#route?.outcomes) return undefined;
    this.#requestId ??=
      [this.asked.requestId, inBody].find(
        id => id !== undefined && isRequestId(id),
      ) ?? randomUUID();
    return this.#requestId;
  }

  /**
   * The caller waits no longer than that from its request on. Of several times the shortest counts.
   *
   * @param millis - undefined where it did not say
   */
  waitsFor(millis: number | undefined): void {
    if (millis === undefined) return;
    const deadlineMillis = this.startedMillis + millis;
    if (deadlineMillis < (this.#deadlineMillis ?? Infinity)) {
      this.#deadlineMillis = deadlineMillis;
    }
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
   * @throws InferenceError `limit-reached`, `over-limit` or `not-ready`
   */
  reserve(estimate: TokenEstimate): void {
    if (!this.#caller) return;
    const by = this.#reserveOf(this.#caller, estimate);
    this.#reserved = { estimate, by };
    this.#tokensLeft = by.state;
  }

  /**
   * Chooses the version that answers, and keeps it loaded until the end.
   *
   * @throws InferenceError `not-found` or `not-ready`.
   */
  route(): ServedVersion {
    const assignment = this.#host.assign(this.asked);
    const { served } = assignment;
    served.enter();
    this.#assignment = assignment;
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
    this.#assignment?.served.leave();
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
