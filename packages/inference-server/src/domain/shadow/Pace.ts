/** Of the time, what may be spent at most. */
const SHARE = 0.01;
/** What may be spent at once after a time of rest. */
const SAVED_MILLIS = 100;

/**
 * How much of a process's time goes to work that nobody waits for: one part in a hundred, so that
 * 99 of 100 callers never meet it.
 */
export class Pace {
  #left = SAVED_MILLIS;
  #atMillis: number;

  /** @param nowMillis - monotonic */
  constructor(nowMillis: number) {
    this.#atMillis = nowMillis;
  }

  /** How long to wait before the next piece of work; 0 for not at all. */
  waitMillis(nowMillis: number): number {
    this.#earn(nowMillis);
    return this.#left > 0 ? 0 : -this.#left / SHARE;
  }

  /** So much was spent. */
  spend(millis: number, nowMillis: number): void {
    this.#earn(nowMillis);
    this.#left -= millis;
  }

  #earn(nowMillis: number): void {
    const earned = (nowMillis - this.#atMillis) * SHARE;
    this.#left = Math.min(SAVED_MILLIS, this.#left + earned);
    this.#atMillis = nowMillis;
  }
}
