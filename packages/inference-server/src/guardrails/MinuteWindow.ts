import type { LimitState } from '../domain/Admission';

const WINDOW_SECONDS = 60;
const MILLIS_PER_SECOND = 1_000;

/** Something that was taken from a window. */
export interface Taken {
  second: number;
  amount: number;
}

/**
 * What was used in the last minute, of tokens or of rows, second by second: in no sixty seconds is it
 * more than the limit, wherever they begin. Times are milliseconds of a monotonic clock.
 */
export class MinuteWindow {
  readonly #amounts = new Float64Array(WINDOW_SECONDS);
  #second = 0;
  #sum = 0;

  /** @returns undefined where that is more than is left, and nothing is taken */
  take(amount: number, limit: number, nowMillis: number): Taken | undefined {
    this.#advance(nowMillis);
    if (this.#sum + amount > limit) return undefined;
    this.#add(this.#second, amount);
    return { second: this.#second, amount };
  }

  /** Takes what there is no limit of. */
  add(amount: number, nowMillis: number): void {
    this.#advance(nowMillis);
    this.#add(this.#second, amount);
  }

  /** How much was used in the last minute. */
  used(nowMillis: number): number {
    this.#advance(nowMillis);
    return this.#sum;
  }

  /** What was taken came to something else. */
  settle(taken: Taken, amount: number, nowMillis: number): void {
    this.#advance(nowMillis);
    const isThere = taken.second > this.#second - WINDOW_SECONDS;
    if (amount <= taken.amount) {
      if (isThere) this.#add(taken.second, amount - taken.amount);
      return;
    }
    this.#add(isThere ? taken.second : this.#second, amount - taken.amount);
  }

  state(limit: number, nowMillis: number): LimitState {
    this.#advance(nowMillis);
    return {
      limit,
      remaining: Math.max(0, limit - this.#sum),
      resetSeconds: this.#resetSeconds(),
      windowSeconds: WINDOW_SECONDS,
    };
  }

  /** After how many seconds so much is left, if no more is used. */
  secondsUntil(amount: number, limit: number, nowMillis: number): number {
    this.#advance(nowMillis);
    let left = limit - this.#sum;
    for (let age = WINDOW_SECONDS - 1; age >= 0 && left < amount; age--) {
      left += this.#amounts[slotOf(this.#second - age)];
      if (left >= amount) return WINDOW_SECONDS - age;
    }
    return 0;
  }

  /** What was used last is the last to be there again. */
  #resetSeconds(): number {
    for (let age = 0; age < WINDOW_SECONDS; age++) {
      const used = this.#amounts[slotOf(this.#second - age)];
      if (used !== 0) return WINDOW_SECONDS - age;
    }
    return 0;
  }

  #add(second: number, amount: number): void {
    this.#amounts[slotOf(second)] += amount;
    this.#sum += amount;
  }

  #advance(nowMillis: number): void {
    const second = Math.floor(nowMillis / MILLIS_PER_SECOND);
    const steps = Math.min(second - this.#second, WINDOW_SECONDS);
    for (let step = 0; step < steps; step++) {
      const slot = slotOf(second - step);
      this.#sum -= this.#amounts[slot];
      this.#amounts[slot] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}

function slotOf(second: number): number {
  return ((second % WINDOW_SECONDS) + WINDOW_SECONDS) % WINDOW_SECONDS;
}
