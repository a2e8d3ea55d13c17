import { InferenceError } from '../../domain/InferenceError';
import { errorMessage } from '../../errors';
import type { Logger } from '../../logger';
import { backoffMillis } from '../../snapshot/backoff';
import { UpstreamFailure } from '../../upstream/UpstreamFailure';
import type { Program } from './Program';

const MILLIS_PER_SECOND = 1_000;
/** Wait after the first failure, about. */
const FIRST_WAIT_MILLIS = 1_000;
/** What has run for so long was no start that failed. */
const SETTLED_MILLIS = 60_000;

type State =
  | {
      kind: 'stopped';
      /** Starts and runs in a row that ended by themselves. */
      failures: number;
      /** By the monotonic clock: not started again before. */
      restMillis: number;
      /** Why it ended the last time; undefined when nobody minds. */
      reason: string | undefined;
    }
  | { kind: 'starting'; program: Promise<Program>; abort: AbortController }
  | { kind: 'running'; program: Program; lastUsedMillis: number }
  | { kind: 'closed' };

/**
 * Keeps a process running while it is needed: it is started by the first call, stopped when
 * nobody has called for a while, and started anew, after a rest, when it ended by itself.
 */
export class ProcessKeeper {
  readonly #name: string;
  readonly #start: (signal: AbortSignal) => Promise<Program>;
  readonly #startMillis: number;
  readonly #idleMillis: number;
  readonly #logger: Logger;
  #state: State = {
    kind: 'stopped',
    failures: 0,
    restMillis: 0,
    reason: undefined,
  };

  constructor(options: {
    /** Name of the connection, for people. */
    name: string;
    start(signal: AbortSignal): Promise<Program>;
    startMillis: number;
    idleMillis: number;
    logger: Logger;
  }) {
    this.#name = options.name;
    this.#start = options.start;
    this.#startMillis = options.startMillis;
    this.#idleMillis = options.idleMillis;
    this.#logger = options.logger;
  }

  /**
   * The process, which is started where it does not run.
   *
   * @throws InferenceError `not-ready` that says why, and when to try again
   * @throws UpstreamFailure `cancelled` when the caller goes away first
   */
  async use(signal: AbortSignal): Promise<Program> {
    const state = this.#state;
    if (state.kind === 'closed') {
      throw this.#notReady('it is not used any more', undefined);
    }
    if (state.kind === 'running') {
      state.lastUsedMillis = performance.now();
      return state.program;
    }
    if (state.kind === 'starting') return before(state.program, signal);
    const leftMillis = state.restMillis - performance.now();
    if (leftMillis > 0) {
      throw this.#notReady(
        `the local model has ended by itself (${state.reason})`,
        leftMillis / MILLIS_PER_SECOND,
      );
    }
    return before(this.#begin(state.failures), signal);
  }

  /** Ends the process. It is not started any more. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'running') await state.program.stop();
    if (state.kind === 'starting') {
      state.abort.abort();
      await state.program.catch(() => {});
    }
  }

  #begin(failures: number): Promise<Program> {
    const abort = new AbortController();
    const program = this.#run(failures, abort);
    // Whoever waited may have gone.
    program.catch(() => {});
    this.#state = { kind: 'starting', program, abort };
    return program;
  }

  async #run(failures: number, abort: AbortController): Promise<Program> {
    const startedMillis = performance.now();
    const timer = setTimeout(() => abort.abort(), this.#startMillis);
    let program: Program;
    try {
      program = await this.#start(abort.signal);
    } catch (error) {
      const closed = this.#state.kind === 'closed';
      const late = abort.signal.aborted && !closed;
      const reason = late
        ? `it did not start within ${this.#startMillis / MILLIS_PER_SECOND} s`
        : errorMessage(error);
      const restMillis = closed ? 0 : this.#rest(failures + 1, reason);
      throw this.#notReady(reason, restMillis / MILLIS_PER_SECOND);
    } finally {
      clearTimeout(timer);
    }
    if (this.#isClosed()) {
      await program.stop();
      throw this.#notReady('it is not used any more', undefined);
    }
    this.#watch(program, failures, startedMillis);
    return program;
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #watch(program: Program, failures: number, startedMillis: number): void {
    const running: State = {
      kind: 'running',
      program,
      lastUsedMillis: performance.now(),
    };
    this.#state = running;
    program.onIdle(() => {
      const quietMillis = performance.now() - running.lastUsedMillis;
      // A call that is on its way to it was not seen there yet.
      if (this.#state !== running || quietMillis < this.#idleMillis) return;
      this.#state = {
        kind: 'stopped',
        failures: 0,
        restMillis: 0,
        reason: undefined,
      };
      this.#logger.info('a local model is stopped, since nobody calls it', {
        connection: this.#name,
      });
      void program.stop();
    });
    void program.ended.then(reason => {
      if (this.#state !== running) return;
      const settled = performance.now() - startedMillis >= SETTLED_MILLIS;
      this.#rest(settled ? 1 : failures + 1, reason);
    });
  }

  /** @returns how long it rests, in milliseconds */
  #rest(failures: number, reason: string): number {
    const millis = backoffMillis(failures, FIRST_WAIT_MILLIS);
    const restMillis = performance.now() + millis;
    this.#state = { kind: 'stopped', failures, restMillis, reason };
    this.#logger.error('a local model does not run', {
      connection: this.#name,
      reason,
      restMillis: millis,
    });
    return millis;
  }

  #notReady(reason: string, retryAfterSeconds: number | undefined) {
    return new InferenceError(
      'not-ready',
      `the connection "${this.#name}": ${reason}`,
      undefined,
      { retryAfterSeconds },
    );
  }
}

/** @throws UpstreamFailure `cancelled` when the signal comes first */
function before<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () =>
      reject(new UpstreamFailure('cancelled', 'the caller has gone'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
