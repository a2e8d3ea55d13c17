import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';

export interface PollingLoopOptions {
  /** Appears in the log when a run fails. */
  name: string;
  /** Pause between the end of a run and the start of the next one. */
  intervalMillis: number;
  /**
   * Most of the time that it may be running, from 0 to 1, however often it is woken: what is woken by what others do must
   * not take the processor from them. All of it when left out.
   */
  mostShare?: number;
  /** Most that it rests for that, in milliseconds, however long a run was that waited for others; no bound when left out. */
  longestRestMillis?: number;
  logger: LoggerService;
  /** One pass over whatever there is to do. The signal aborts when the loop is stopped. */
  run(signal: AbortSignal): Promise<void>;
}

/** A loop with long pauses tries again soon after its first failure. */
const FIRST_BACKOFF_MILLIS = 1000;
const LONGEST_BACKOFF_MILLIS = 60_000;

/**
 * Calls `run` again and again: never twice at once, at once when woken, and ever
 * more slowly while it fails.
 */
export class PollingLoop {
  readonly #options: PollingLoopOptions;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #state: 'new' | 'started' | 'stopped' = 'new';
  #wokenWhileRunning = false;
  #failures = 0;
  /** Since the last run has taken so long. */
  #restUntilMillis = 0;

  constructor(options: PollingLoopOptions) {
    this.#options = options;
  }

  /** Starts the first run now. */
  start(): void {
    if (this.#state === 'new') {
      this.#state = 'started';
      this.#begin();
    }
  }

  /** Something happened: run now, or once more directly after the run in progress; after a rest, if it has to have one. */
  wake(): void {
    if (this.#running) {
      this.#wokenWhileRunning = true;
    } else if (this.#state === 'started') {
      this.#beginRested();
    }
  }

  /** Aborts the run in progress and waits until it has ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    this.#abort.abort();
    await this.#running;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#running = this.#runOnce().finally(() => {
      this.#running = undefined;
      if (this.#state === 'started') {
        this.#schedule();
      }
    });
  }

  #beginRested(): void {
    const restMillis = this.#restUntilMillis - performance.now();
    if (restMillis <= 0) {
      this.#begin();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), restMillis);
  }

  #schedule(): void {
    if (this.#wokenWhileRunning) {
      this.#wokenWhileRunning = false;
      this.#beginRested();
      return;
    }
    const { intervalMillis } = this.#options;
    const backoffMillis =
      Math.min(intervalMillis, FIRST_BACKOFF_MILLIS) * 2 ** this.#failures;
    const delayMillis =
      this.#failures === 0
        ? intervalMillis
        : Math.min(backoffMillis, LONGEST_BACKOFF_MILLIS);
    const restMillis = this.#restUntilMillis - performance.now();
    this.#timer = setTimeout(
      () => this.#begin(),
      Math.max(delayMillis, restMillis),
    );
  }

  async #runOnce(): Promise<void> {
    const { name, logger, run, mostShare = 1 } = this.#options;
    const { longestRestMillis = Infinity } = this.#options;
    const startedMillis = performance.now();
    try {
      await run(this.#abort.signal);
      this.#failures = 0;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failures = Math.min(this.#failures + 1, 16);
      logger.error(`${name} failed and will be tried again`, toError(error));
    } finally {
      const endedMillis = performance.now();
      const restMillis = (endedMillis - startedMillis) * (1 / mostShare - 1);
      this.#restUntilMillis =
        endedMillis + Math.min(restMillis, longestRestMillis);
    }
  }
}
