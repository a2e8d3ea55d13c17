/** As many wait as may. */
export class LineFullError extends Error {
  constructor(waiting: number) {
    super(
      `one request is answered at a time, and ${waiting} wait already: try again later`,
    );
    this.name = 'LineFullError';
  }
}

/** Whoever waited has gone. */
export class LeftLineError extends Error {
  constructor() {
    super('the caller went away while it waited');
    this.name = 'LeftLineError';
  }
}

/** Lets one in at a time, in the order of arrival; some may wait. */
export class WaitingLine {
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #inside = false;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Whether nobody is in, and nobody waits. */
  get empty(): boolean {
    return !this.#inside;
  }

  /**
   * @param signal - aborted when whoever waits goes away
   * @returns what lets the next one in, to be called once
   * @throws LineFullError or LeftLineError
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new LeftLineError();
    if (this.#inside) await this.#wait(signal);
    this.#inside = true;
    return () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside = false;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new LineFullError(this.#waiting.length);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      // It does nothing once the place is taken.
      signal.addEventListener(
        'abort',
        () => {
          const at = this.#waiting.indexOf(resolve);
          if (at >= 0) this.#waiting.splice(at, 1);
          reject(new LeftLineError());
        },
        { once: true },
      );
    });
  }
}
