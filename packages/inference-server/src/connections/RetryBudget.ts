/** Share of calls that may be sent once more. */
const RETRIES_PER_CALL = 0.2;
/** Retries that are saved up, and there to begin with: few calls may all need one. */
const MOST_SAVED = 10;

/**
 * How many calls may be sent again: a fifth of all, so that a service in trouble does not get
 * twice or three times the calls of one that works.
 */
export class RetryBudget {
  #saved = MOST_SAVED;

  /** A call came. */
  earn(): void {
    this.#saved = Math.min(MOST_SAVED, this.#saved + RETRIES_PER_CALL);
  }

  /** @returns whether there is one left, which is spent then */
  spend(): boolean {
    // What a fifth adds up to is not quite whole.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}
