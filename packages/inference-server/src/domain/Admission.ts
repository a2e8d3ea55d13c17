import type {
  KeyScope,
  RequestLimits,
  TokenLimits,
} from '@greenroom/plugin-ai-inference-common';

/** A key whose tokens are limited. */
export interface LimitedKey {
  readonly id: string;
  /** For people to recognise. */
  readonly name: string;
  readonly limits: TokenLimits;
}

/** A key whose requests are limited. */
export interface RequestLimitedKey {
  readonly id: string;
  /** For people to recognise. */
  readonly name: string;
  readonly limits: RequestLimits;
}

/** How much of a limit is left. */
export interface LimitState {
  limit: number;
  remaining: number;
  /** Until all of it is there again. */
  resetSeconds: number;
  /** In how many seconds so much may be used. */
  windowSeconds: number;
}

/** How much is left here of the limits that a key has. */
export interface LimitStates {
  tokens?: LimitState;
  requests?: LimitState;
  /** What is there again when other requests end. */
  inFlight?: Pick<LimitState, 'limit' | 'remaining'>;
  rows?: LimitState;
}

/** Tokens that a request on its way may come to. */
export interface TokenReservation {
  /** What is left of the key's limit; undefined where it has none. */
  readonly state: LimitState | undefined;
  /** The request is over, and has used so many. Only the first time counts. */
  settle(tokens: number): void;
}

/** Who has been recognised. */
export interface Caller {
  readonly id: string;
  /** For people to recognise. */
  readonly name: string;
  /** Entity ref of whoever answers for the key; undefined where the control plane does not say it yet. */
  readonly owner?: string;
  /** Undefined where its tokens are not limited. */
  readonly limited?: LimitedKey;
  /** Undefined where its requests are not limited. */
  readonly requestLimited?: RequestLimitedKey;
  has(scope: KeyScope): boolean;
  mayCall(model: string): boolean;
}

/** What a request that was let in holds. It counts until {@link Ticket.leave}. */
export interface Ticket {
  /**
   * Counts bytes that the request holds in memory.
   *
   * @throws InferenceError `overloaded` when that would be too many.
   */
  hold(bytes: number): void;
  /**
   * Counts rows of the request against the key's limit. Left out where it has none.
   *
   * @throws InferenceError `limit-reached`, or `over-limit` where so many never fit
   */
  takeRows?(rows: number): void;
  /** How much is left of the key's limits. Left out where it has none. */
  limits?(): LimitStates;
  /** Gives everything back. May be called twice. */
  leave(): void;
}

/**
 * What something that enters is to the limits of its key: a `request`, which counts; what is read
 * `ahead` of requests that count by themselves, and is refused while those would be; a model that is
 * asked `instead` of another one, which is in flight and was counted before; `none`.
 */
export type Counting = 'request' | 'ahead' | 'instead' | 'none';

/**
 * Says who is answered: whatever refuses a request before a model is chosen, for every
 * protocol.
 */
export interface Admission {
  /** @throws InferenceError `unauthenticated`, or `not-ready` before anybody can be known. */
  recognise(credential: string | undefined): Caller;
  /** @throws InferenceError `forbidden` when the caller may not call the model. */
  authorize(caller: Caller, model: string): void;
  /** @throws InferenceError `forbidden`, naming the scope, when the caller's key does not have it. */
  requireScope(caller: Caller, scope: KeyScope): void;
  /**
   * Lets one request in.
   *
   * @param model - one that is deployed
   * @throws InferenceError `overloaded`, saying what is full, `limit-reached`, or `not-ready` before limits are known
   */
  enter(caller: Caller, model: string, counting: Counting): Ticket;
  /**
   * Sets tokens aside for one request to a language model, until it is settled.
   *
   * @throws InferenceError `limit-reached`, `over-limit`, or `not-ready` before limits are known
   */
  reserve(caller: Caller, tokens: number): TokenReservation;
}
