/** Memory of a version that may leave it while nobody asks for it. */
export interface OnDemand {
  readonly isInMemory: boolean;
  /** Estimated memory while it is there. */
  readonly bytes: number;
  /** How often it was brought into memory. */
  readonly openings: number;
  /**
   * Brings it into memory.
   *
   * @throws InferenceError `not-ready` when it cannot be opened, `overloaded` when there is no room
   */
  load(): Promise<void>;
  /**
   * Takes it out of memory, when no request needs it any more.
   *
   * @throws InferenceError `overloaded` when requests need it all the time
   */
  unload(): Promise<void>;
}
