/** Who is among the first may take the next place; more than one of them, as each is asked now and then only. */
const FIRST = 8;
const SOONEST_MILLIS = 1_000;
const LATEST_MILLIS = 60_000;
/** Who does not come back so long after their time has gone: their promotion was closed. */
const GRACE_MILLIS = 30_000;
/** Of what a place is estimated at, so that who comes back is there in time. */
const SHARE_OF_ESTIMATE = 0.8;
/** Until it was measured. */
const FIRST_ESTIMATE_MILLIS = 1_000;

/**
 * Who was sent away because others are tried, in the order in which they came: whoever has waited longest is next,
 * and the others are told to come back about when their turn is.
 */
export class TrialLine {
  /** Longest waiting first. */
  readonly #waiting = new Map<string, { backAtMillis: number }>();
  readonly #now: () => number;
  #trialMillis = FIRST_ESTIMATE_MILLIS;

  constructor(options: { now: () => number }) {
    this.#now = options.now;
  }

  /**
   * @param free - whether a place is free, or nobody has one
   * @returns when to ask again; undefined for who is next
   */
  ask(key: string, free: 'all' | 'some' | 'none'): Date | undefined {
    const nowMillis = this.#now();
    for (const [other, { backAtMillis }] of this.#waiting) {
      if (backAtMillis + GRACE_MILLIS < nowMillis) this.#waiting.delete(other);
    }
    const keys = [...this.#waiting.keys()];
    const found = keys.indexOf(key);
    const place = found < 0 ? keys.length : found;
    if (free === 'all' || (free === 'some' && place < FIRST)) {
      this.#waiting.delete(key);
      return undefined;
    }
    const estimateMillis = place * this.#trialMillis * SHARE_OF_ESTIMATE;
    const backAtMillis =
      nowMillis +
      Math.min(Math.max(estimateMillis, SOONEST_MILLIS), LATEST_MILLIS);
    this.#waiting.set(key, { backAtMillis });
    return new Date(backAtMillis);
  }

  /** How long a trial took. */
  note(trialMillis: number): void {
    this.#trialMillis += (trialMillis - this.#trialMillis) / 4;
  }
}
