import { setTimeout } from 'node:timers/promises';

const LOOK_MILLIS = 250;
/** Questions that wait at a time; those beyond are answered at once. */
const MAX_WAITING = 1_000;

/** Lets questions wait until there is something to answer. */
export class ChangeWaiter {
  readonly #stop = new AbortController();
  #waiting = 0;

  /**
   * Asks again and again, until there is an answer or the time is over.
   *
   * @param ask - undefined for no answer yet
   * @param options - the signal aborts when nobody waits for the answer any more
   */
  async wait<T>(
    ask: () => Promise<T | undefined>,
    options: { millis: number; signal: AbortSignal },
  ): Promise<T | undefined> {
    const first = await ask();
    if (first !== undefined || this.#waiting >= MAX_WAITING) return first;
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    const endMillis = performance.now() + options.millis;
    this.#waiting++;
    try {
      for (;;) {
        const left = endMillis - performance.now();
        if (left <= 0 || signal.aborted) return undefined;
        await setTimeout(Math.min(LOOK_MILLIS, left), undefined, {
          signal,
        }).catch(() => undefined);
        const answer = await ask();
        if (answer !== undefined) return answer;
      }
    } finally {
      this.#waiting--;
    }
  }

  /** Ends all waiting, so that a stop need not wait for it. */
  stop(): void {
    this.#stop.abort();
  }
}
