import type { LimitState } from '../domain/Admission';

const WINDOW_SECONDS = 60;
const MILLIS_PER_SECOND = 1_000;

/** Something that was taken from a window. */
export interface Taken {
  second: number;
  tokens: number;
}

/**
 * Tokens that were used in the last minute, second by second: in no sixty seconds are there more
 * than the limit, wherever they begin. Times are milliseconds of a monotonic clock.
 */
export class TokenWindow {
  readonly #tokens = new Float64Array(WINDOW_SECONDS);
  #second = 0;
  #sum = 0;

  /** @returns undefined where that is more than is left, and nothing is taken */
  take(tokens: number, limit: number, nowMillis: number): Taken | undefined {
    this.#advance(nowMillis);
    if (this.#sum + tokens > limit) return undefined;
    this.#add(this.#second, tokens);
    return { second: this.#second, tokens };
  }

  /** What was taken came to something else. */
  settle(taken: Taken, tokens: number, nowMillis: number): void {
    this.#advance(nowMillis);
    const isThere = taken.second > this.#second - WINDOW_SECONDS;
    if (tokens <= taken.tokens) {
      if (isThere) this.#add(taken.second, tokens - taken.tokens);
      return;
    }
    this.#add(isThere ? taken.second : this.#second, tokens - taken.tokens);
  }

  state(limit: number, nowMillis: number): LimitState {
    this.#advance(nowMillis);
    return {
      limit,
      remaining: Math.max(0, limit - this.#sum),
      resetSeconds: this.secondsUntil(limit, limit, nowMillis),
    };
  }

  /** After how many seconds so many tokens are left, if no others are used. */
  secondsUntil(tokens: number, limit: number, nowMillis: number): number {
    this.#advance(nowMillis);
    let left = limit - this.#sum;
    for (let age = WINDOW_SECONDS - 1; age >= 0 && left < tokens; age--) {
      left += this.#tokens[slotOf(this.#second - age)];
      if (left >= tokens) return WINDOW_SECONDS - age;
    }
    return 0;
  }

  #add(second: number, tokens: number): void {
    this.#tokens[slotOf(second)] += tokens;
    this.#sum += tokens;
  }

  #advance(nowMillis: number): void {
    const second = Math.floor(nowMillis / MILLIS_PER_SECOND);
    const steps = Math.min(second - this.#second, WINDOW_SECONDS);
    for (let step = 0; step < steps; step++) {
      const slot = slotOf(second - step);
      this.#sum -= this.#tokens[slot];
      this.#tokens[slot] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}

function slotOf(second: number): number {
  return ((second % WINDOW_SECONDS) + WINDOW_SECONDS) % WINDOW_SECONDS;
}
