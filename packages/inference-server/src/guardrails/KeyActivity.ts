import type { RequestUse } from '@greenroom/plugin-ai-inference-common';
import { MinuteWindow } from './MinuteWindow';

/** The most in flight is known by spans of so many milliseconds. */
const SPAN_MILLIS = 10_000;
/** Of the last minute, and the one that has begun. */
const SPANS = 7;

/** What comes of the requests of one key. Times are milliseconds of a monotonic clock. */
export class KeyActivity {
  readonly rows = new MinuteWindow();
  readonly #requests = new MinuteWindow();
  readonly #refused = new MinuteWindow();
  #inFlight = 0;
  /** The most in flight by span, whose number is the place modulo {@link SPANS}. */
  readonly #most = new Float64Array(SPANS);
  #span = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  enter(nowMillis: number, { isCounted }: { isCounted: boolean }): void {
    this.#advance(nowMillis);
    this.#inFlight++;
    const at = this.#span % SPANS;
    this.#most[at] = Math.max(this.#most[at], this.#inFlight);
    if (isCounted) this.#requests.add(1, nowMillis);
  }

  leave(): void {
    this.#inFlight--;
  }

  refuse(nowMillis: number): void {
    this.#refused.add(1, nowMillis);
  }

  /** What came of the last minute; undefined for nothing. */
  tell(nowMillis: number): RequestUse | undefined {
    this.#advance(nowMillis);
    const use: RequestUse = {
      requests: this.#requests.used(nowMillis),
      rows: this.rows.used(nowMillis),
      refused: this.#refused.used(nowMillis),
      mostInFlight: Math.max(...this.#most),
    };
    return Object.values(use).some(count => count > 0) ? use : undefined;
  }

  #advance(nowMillis: number): void {
    const span = Math.floor(nowMillis / SPAN_MILLIS);
    const from = Math.max(this.#span, span - SPANS);
    for (let next = from + 1; next <= span; next++) {
      this.#most[next % SPANS] = this.#inFlight;
    }
    this.#span = Math.max(this.#span, span);
  }
}
