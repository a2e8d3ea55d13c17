/** Calls are looked at for this time. */
const WINDOW_SECONDS = 30;
/** Fewer say nothing. */
const LEAST_CALLS = 20;
const FAILED_SHARE = 0.5;
/** How long a service is left alone, before one call tries it. */
const OPEN_MILLIS = 10_000;
const MILLIS_PER_SECOND = 1_000;

/** Whether a service is called. */
export type BreakerState =
  /** It is. */
  | { kind: 'closed' }
  /** Too many calls failed: it is left alone for a time. */
  | { kind: 'open'; untilMillis: number }
  /** One call finds out whether it works again. */
  | { kind: 'half-open' };

interface Second {
  second: number;
  calls: number;
  failures: number;
}

/**
 * Leaves a service alone that fails half of its calls. Each call is begun, may be answered, and
 * ends as a success, as a failure, or as neither. Times are milliseconds of a monotonic clock.
 */
export class Breaker {
  #state: BreakerState = { kind: 'closed' };
  #seconds: Second[] = [];

  get state(): BreakerState {
    return this.#state;
  }

  /** From when on it may be called; at once when that has passed. */
  availableAtMillis(nowMillis: number): number {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        return nowMillis;
      case 'open':
        return state.untilMillis;
      default:
        // Nobody knows how long the call that tries it takes.
        return nowMillis + MILLIS_PER_SECOND;
    }
  }

  /** A call is sent; only one at a time while it is being tried. */
  begin(): void {
    if (this.#state.kind === 'open') this.#state = { kind: 'half-open' };
  }

  /** The answer has begun: whoever tried it found that it works. */
  answered(): void {
    if (this.#state.kind !== 'half-open') return;
    this.#state = { kind: 'closed' };
    this.#seconds = [];
  }

  succeeded(nowMillis: number): void {
    this.answered();
    this.#count(nowMillis, 0);
  }

  failed(nowMillis: number): void {
    if (this.#state.kind === 'half-open') {
      this.#open(nowMillis);
      return;
    }
    this.#count(nowMillis, 1);
    if (this.#state.kind === 'closed' && this.#failsTooOften()) {
      this.#open(nowMillis);
    }
  }

  /** It ended, and says nothing about the service. */
  undecided(nowMillis: number): void {
    if (this.#state.kind !== 'half-open') return;
    this.#state = { kind: 'open', untilMillis: nowMillis };
  }

  #open(nowMillis: number): void {
    this.#state = { kind: 'open', untilMillis: nowMillis + OPEN_MILLIS };
    this.#seconds = [];
  }

  #count(nowMillis: number, failures: number): void {
    const second = Math.floor(nowMillis / MILLIS_PER_SECOND);
    const oldest = second - WINDOW_SECONDS;
    while (this.#seconds.length > 0 && this.#seconds[0].second <= oldest) {
      this.#seconds.shift();
    }
    const last = this.#seconds.at(-1);
    if (last?.second === second) {
      last.calls++;
      last.failures += failures;
    } else {
      this.#seconds.push({ second, calls: 1, failures });
    }
  }

  #failsTooOften(): boolean {
    let calls = 0;
    let failures = 0;
    for (const one of this.#seconds) {
      calls += one.calls;
      failures += one.failures;
    }
    return calls >= LEAST_CALLS && failures >= calls * FAILED_SHARE;
  }
}
