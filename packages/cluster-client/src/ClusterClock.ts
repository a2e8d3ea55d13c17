/** The clock of the API server, by the `Date` of its answers. */
export class ClusterClock {
  readonly #clock: () => number;
  readonly #passed: () => number;
  #heard: { dateMillis: number; atMillis: number } | undefined;

  /**
   * @param options.clock - milliseconds since 1970 by our own clock
   * @param options.passed - milliseconds that pass, whatever somebody does to our clock
   */
  constructor(options: { clock?: () => number; passed?: () => number } = {}) {
    this.#clock = options.clock ?? Date.now;
    this.#passed = options.passed ?? (() => performance.now());
  }

  /** @param date - as HTTP writes it, whole seconds; what is none is left out */
  hear(date: string | undefined): void {
    const dateMillis = Date.parse(date ?? '');
    if (Number.isNaN(dateMillis)) return;
    this.#heard = { dateMillis, atMillis: this.#passed() };
  }

  /** Milliseconds since 1970; ours as long as nothing was heard. */
  get nowMillis(): number {
    if (!this.#heard) return this.#clock();
    const { dateMillis, atMillis } = this.#heard;
    return dateMillis + this.#passed() - atMillis;
  }
}
