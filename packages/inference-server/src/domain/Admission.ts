/** Who has been recognised. */
export interface Caller {
  /** For people to recognise. */
  readonly name: string;
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
}
