import { setTimeout as sleep } from 'node:timers/promises';

/** A model that never opens keeps no other from being opened. */
const MOST_WAIT_MILLIS = 10_000;

/**
 * Knows which models of the process are being opened or freed, since what memory one takes can be told only
 * where that happened to no other one meanwhile.
 */
export class Openings {
  readonly #mostWaitMillis: number;
  #running = 0;
  #begun = 0;
  #quiet: Promise<void> = Promise.resolve();
  #beQuiet = () => {};
  #lastAlone: Promise<unknown> = Promise.resolve();

  constructor(options: { mostWaitMillis?: number } = {}) {
    this.#mostWaitMillis = options.mostWaitMillis ?? MOST_WAIT_MILLIS;
  }

  /** Opens a model, or frees it, at once. */
  async watch<T>(
    open: () => Promise<T>,
  ): Promise<{ opened: T; wasAlone: boolean }> {
    const isAlone = this.#running === 0;
    if (isAlone) {
      this.#quiet = new Promise(resolve => {
        this.#beQuiet = resolve;
      });
    }
    this.#running++;
    this.#begun++;
    const number = this.#begun;
    try {
      const opened = await open();
      return { opened, wasAlone: isAlone && this.#begun === number };
    } finally {
      this.#running--;
      if (this.#running === 0) this.#beQuiet();
    }
  }

  /** Opens a model when no other one is being opened or freed, or waits to be so, unless that takes too long. */
  async watchAlone<T>(
    open: () => Promise<T>,
  ): Promise<{ opened: T; wasAlone: boolean }> {
    const begun = this.#lastAlone.then(() => this.#atMost(this.#quiet));
    const turn = begun.then(() => this.watch(open));
    this.#lastAlone = begun.then(() =>
      this.#atMost(turn.then(undefined, () => undefined)),
    );
    return turn;
  }

  async #atMost(work: Promise<unknown>): Promise<void> {
    const late = new AbortController();
    const waited = sleep(this.#mostWaitMillis, undefined, {
      ref: false,
      signal: late.signal,
    }).catch(() => undefined);
    await Promise.race([work, waited]);
    late.abort();
  }
}
