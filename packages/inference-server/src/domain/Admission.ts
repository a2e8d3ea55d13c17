import type { TokenLimits } from '@greenroom/plugin-ai-inference-common';

/** A key whose tokens are limited. */
export interface LimitedKey {
  readonly id: string;
  /** For people to recognise. */
  readonly name: string;
  readonly limits: TokenLimits;
}

/** How much of a limit is left. */
export interface LimitState {
  limit: number;
  remaining: number;
  /** Until all of it is there again. */
  resetSeconds: number;
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
  /** For people to recognise. */
  readonly name: string;
  /** Undefined where its tokens are not limited. */
  readonly limited?: LimitedKey;
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
  /** Gives everything back. May be called twice. */
  leave(): void;
}

/**
 * Says who is answered: whatever refuses a request before a model is chosen, for every
 * protocol.
 */
export interface Admission {
  /** @throws InferenceError `unauthenticated`, or `not-ready` before anybody can be known. */
  recognise(credential: string | undefined): Caller;
  /** @throws InferenceError `forbidden` when the caller may not call the model. */
  authorize(caller: Caller, model: string): void;
  /**
   * Lets one request in.
   *
   * @param model - one that is deployed
   * @throws InferenceError `overloaded`, saying what is full.
   */
  enter(caller: Caller, model: string): Ticket;
  /**
   * Sets tokens aside for one request to a language model, until it is settled.
   *
   * @throws InferenceError `limit-reached`, `over-limit`, or `not-ready` before limits are known
   */
  reserve(caller: Caller, tokens: number): TokenReservation;
}
