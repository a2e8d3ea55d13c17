import { InferenceError } from '../../domain/InferenceError';
import type {
  Cancellation,
  ModelRunner,
  RunRequest,
} from '../../domain/ModelRunner';
import type { OnDemand } from '../../domain/OnDemand';
import type { SharedDimension, Signature, Tensor } from '../../domain/tensor';
import { errorMessage } from '../../errors';
import type { ReadyModel } from '../ModelOpener';
import type { Holder, MemoryBudget, Seat } from './MemoryBudget';
import { untilDeadline } from './untilDeadline';

/** A model that requests need for so long without a pause is not unloaded by a caller. */
const UNLOAD_WAIT_MILLIS = 10_000;

type State =
  | { phase: 'open'; ready: ReadyModel; seat: Seat }
  | { phase: 'closing'; done: Promise<void> }
  | { phase: 'closed' }
  | { phase: 'opening'; done: Promise<void> }
  /** Nobody may run it any more. */
  | { phase: 'released' };

/**
 * A model that is opened when it is asked for, and leaves memory while it is idle and others need the
 * room. What runs it inside {@link OnDemandModel.use} finds it open, and keeps it so.
 */
export class OnDemandModel implements ModelRunner, OnDemand, Holder {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly bytes: number;
  readonly #budget: MemoryBudget;
  readonly #openAgain: () => Promise<ReadyModel>;
  readonly #onError: (message: string) => void;
  readonly #unloadWaitMillis: number;
  /** Requests that need it, also those that wait for it. */
  #users = 0;
  #openings = 1;
  #state: State;
  #onIdle: (() => void)[] = [];
  readonly #onEnd = () => this.#end();

  constructor(options: {
    /** As it was opened for the first time. */
    ready: ReadyModel;
    /** That was taken before. */
    seat: Seat;
    budget: MemoryBudget;
    /** From the local disk. */
    openAgain: () => Promise<ReadyModel>;
    /** It could not be freed. */
    onError: (message: string) => void;
    unloadWaitMillis?: number;
  }) {
    const { ready, seat } = options;
    const { signature, rowWise, dimensions } = ready.runner;
    this.signature = signature;
    this.rowWise = rowWise;
    this.dimensions = dimensions;
    this.bytes = seat.bytes;
    this.#budget = options.budget;
    this.#openAgain = options.openAgain;
    this.#onError = options.onError;
    this.#unloadWaitMillis = options.unloadWaitMillis ?? UNLOAD_WAIT_MILLIS;
    this.#state = { phase: 'open', ready, seat };
    seat.holder = this;
    this.#budget.look();
  }

  get isInMemory(): boolean {
    const { phase } = this.#state;
    return phase === 'open' || phase === 'closing';
  }

  get openings(): number {
    return this.#openings;
  }

  /** Why it cannot be run right now; undefined when it can, or could be opened. */
  get trouble(): string | undefined {
    return this.#state.phase === 'open'
      ? this.#state.ready.trouble()
      : undefined;
  }

  /** What has lost its thread is on its way back, and leaves when it is there. */
  get isIdle(): boolean {
    return (
      this.#users === 0 &&
      this.#state.phase === 'open' &&
      this.#state.ready.trouble() === undefined
    );
  }

  /** Has the model open while something runs it. */
  use<T>(
    cancellation: Cancellation | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    this.#users++;
    let running: Promise<T>;
    if (this.#state.phase === 'open') {
      this.#budget.touch(this.#state.seat);
      running = run();
    } else running = this.#useOpened(cancellation, run);
    running.then(this.#onEnd, this.#onEnd);
    return running;
  }

  run(request: RunRequest): Promise<Tensor[]> {
    if (this.#state.phase === 'open') {
      return this.#state.ready.runner.run(request);
    }
    return Promise.reject(new Error('expected to be run while it is used'));
  }

  async load(): Promise<void> {
    while (this.#state.phase === 'closing') await this.#state.done;
    switch (this.#state.phase) {
      case 'opening':
        await this.#state.done;
        break;
      case 'closed': {
        const done = this.#open();
        // Those that wait may all have gone when it fails.
        done.catch(() => undefined);
        this.#state = { phase: 'opening', done };
        await done;
        break;
      }
      case 'released':
        throw new InferenceError(
          'not-ready',
          'the model is not deployed here any more',
        );
      default:
    }
  }

  async unload(): Promise<void> {
    const endMillis = performance.now() + this.#unloadWaitMillis;
    while (this.#state.phase === 'opening') {
      await this.#state.done.catch(() => undefined);
    }
    while (this.#state.phase === 'open' && !this.isIdle) {
      await this.#untilIdle(endMillis);
    }
    if (this.#state.phase === 'open') await this.#close(this.#state);
    else if (this.#state.phase === 'closing') await this.#state.done;
  }

  evict(): void {
    if (this.#state.phase === 'open') void this.#close(this.#state);
  }

  async release(): Promise<void> {
    while (this.#state.phase === 'opening') {
      await this.#state.done.catch(() => undefined);
    }
    if (this.#state.phase === 'open') await this.#close(this.#state);
    else if (this.#state.phase === 'closing') await this.#state.done;
    this.#state = { phase: 'released' };
  }

  async #useOpened<T>(
    cancellation: Cancellation | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    await untilDeadline(this.load(), cancellation);
    return run();
  }

  async #open(): Promise<void> {
    try {
      const seat = await this.#budget.enter(this.bytes);
      let ready: ReadyModel;
      try {
        ready = await this.#openAgain();
      } catch (error) {
        seat.leave();
        throw error;
      }
      this.#openings++;
      this.#state = { phase: 'open', ready, seat };
      seat.holder = this;
    } catch (error) {
      this.#state = { phase: 'closed' };
      if (error instanceof InferenceError) throw error;
      throw new InferenceError(
        'not-ready',
        `the model could not be opened again: ${errorMessage(error)}`,
        error,
      );
    }
    if (this.#users === 0) this.#budget.look();
  }

  #close({ ready, seat }: Extract<State, { phase: 'open' }>): Promise<void> {
    seat.isLeaving = true;
    const done = ready.runner
      .release()
      .catch(error => this.#onError(errorMessage(error)))
      .then(() => {
        this.#state = { phase: 'closed' };
        seat.leave();
      });
    this.#state = { phase: 'closing', done };
    return done;
  }

  #end(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#budget.look();
    const told = this.#onIdle;
    if (told.length === 0) return;
    this.#onIdle = [];
    for (const tell of told) tell();
  }

  #untilIdle(endMillis: number): Promise<void> {
    if (this.trouble !== undefined) {
      return Promise.reject(new InferenceError('not-ready', this.trouble));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onIdle = this.#onIdle.filter(one => one !== tell);
        reject(
          new InferenceError(
            'overloaded',
            `the model is in use by ${
              this.#users
            } requests, and is not taken from them: try again later`,
          ),
        );
      }, Math.max(0, endMillis - performance.now()));
      const tell = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#onIdle.push(tell);
    });
  }
}
