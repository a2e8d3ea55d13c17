import { errorMessage } from '../errors';
import type { Logger } from '../logger';
import { backoffMillis } from './backoff';
import { describeFailure } from './controlPlaneFailure';

/** Asks the control plane again and again: never twice at once, ever more slowly while it fails. */
export class AskLoop {
  readonly #ask: (signal: AbortSignal) => Promise<number>;
  readonly #what: string;
  readonly #retryMillis: number;
  readonly #logger: Logger;
  readonly #onBack: () => void;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;
  #wokenWhileAsking = false;
  #failures = 0;
  #lastError = '';

  constructor(options: {
    /** What is asked for, in a log. */
    what: string;
    /** @returns the pause until it is to be asked again, in milliseconds. */
    ask: (signal: AbortSignal) => Promise<number>;
    /** Pause after the first failure, about. */
    retryMillis: number;
    logger: Logger;
    /** The control plane answers again after it did not. */
    onBack?: () => void;
  }) {
    this.#what = options.what;
    this.#ask = options.ask;
    this.#retryMillis = options.retryMillis;
    this.#logger = options.logger;
    this.#onBack = options.onBack ?? (() => {});
  }

  /** Whether the last time failed. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** Asks for the first time; resolves when that was answered, or failed. */
  start(): Promise<void> {
    return this.#begin();
  }

  /** Asks at once, or once more after the question that is under way. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#asking) this.#wokenWhileAsking = true;
    else if (this.#timer) this.#begin();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#asking;
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking = this.#askOnce().then(pauseMillis => {
      this.#asking = undefined;
      if (this.#stop.signal.aborted) return;
      const again = this.#wokenWhileAsking && this.#failures === 0;
      this.#wokenWhileAsking = false;
      this.#timer = setTimeout(() => this.#begin(), again ? 0 : pauseMillis);
    });
    return this.#asking;
  }

  async #askOnce(): Promise<number> {
    try {
      const pauseMillis = await this.#ask(this.#stop.signal);
      const isBack = this.#failures > 0;
      this.#failures = 0;
      this.#lastError = '';
      if (isBack) {
        this.#logger.info('the control plane is back', { what: this.#what });
        this.#onBack();
      }
      return pauseMillis;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      this.#failures++;
      const message = errorMessage(error);
      this.#logger[message === this.#lastError ? 'debug' : 'warn'](
        describeFailure(error),
        { what: this.#what, error: message },
      );
      this.#lastError = message;
      return backoffMillis(this.#failures, this.#retryMillis);
    }
  }
}
