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
import type { MeasuredMemory } from './MeasuredMemory';
import type { Holder, MemoryBudget, Seat } from './MemoryBudget';
import { untilDeadline } from './untilDeadline';

/** So long a caller who unloads it waits for requests on their way. */
const UNLOAD_WAIT_MILLIS = 10_000;

interface Opened {
  ready: ReadyModel;
  seat: Seat;
}

/**
 * - `leaving`: it leaves memory when what runs has ended; what comes now waits until it is back.
 * - `closing`: nothing runs, and its memory is being freed.
 * - `released`: nobody may run it any more.
 */
type State =
  | (Opened & { phase: 'open' })
  | (Opened & { phase: 'leaving'; done: Promise<void>; go: () => void })
  | { phase: 'closing'; done: Promise<void> }
  | { phase: 'closed' }
  | { phase: 'opening'; done: Promise<void> }
  | { phase: 'released' };

/**
 * A model that is opened when it is asked for, and leaves memory when others need the room. What runs it
 * inside {@link OnDemandModel.use} finds it open, and keeps it so.
 */
export class OnDemandModel implements ModelRunner, OnDemand, Holder {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #memory: MeasuredMemory;
  readonly #budget: MemoryBudget;
  readonly #openAgain: () => Promise<ReadyModel>;
  readonly #onError: (message: string) => void;
  readonly #unloadWaitMillis: number;
  /** Requests that run it. */
  #running = 0;
  /** Requests that wait until it is open. */
  #waiting = 0;
  #openings = 1;
  #state: State;
  readonly #onEnd = () => this.#end();

  constructor(options: {
    /** As it was opened for the first time. */
    ready: ReadyModel;
    /** What it takes, as far as that is known. */
    memory: MeasuredMemory;
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
    this.#memory = options.memory;
    this.#budget = options.budget;
    this.#openAgain = options.openAgain;
    this.#onError = options.onError;
    this.#unloadWaitMillis = options.unloadWaitMillis ?? UNLOAD_WAIT_MILLIS;
    this.#state = { phase: 'open', ready, seat };
    seat.holder = this;
    seat.resize(this.bytes);
    this.#budget.look();
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  get isInMemory(): boolean {
    return 'ready' in this.#state || this.#state.phase === 'closing';
  }

  get openings(): number {
    return this.#openings;
  }

  /** Why it cannot be run right now; undefined when it can, or could be opened. */
  get trouble(): string | undefined {
    return 'ready' in this.#state ? this.#state.ready.trouble() : undefined;
  }

  get standing(): Holder['standing'] {
    if (this.#running > 0) return this.#canLeave ? 'in-use' : 'fixed';
    // Who waited for it has not begun yet.
    return this.#waiting === 0 && this.#canLeave ? 'idle' : 'fixed';
  }

  /** What has lost its thread is on its way back, and can leave when it is there. */
  get #canLeave(): boolean {
    return this.#state.phase === 'open' && this.trouble === undefined;
  }

  /** Has the model open while something runs it. */
  use<T>(
    cancellation: Cancellation | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    return this.#state.phase === 'open'
      ? this.#useOpen(this.#state.seat, run)
      : this.#useWhenOpen(cancellation, run);
  }

  run(request: RunRequest): Promise<Tensor[]> {
    if ('ready' in this.#state) return this.#state.ready.runner.run(request);
    return Promise.reject(new Error('expected to be run while it is used'));
  }

  async load(): Promise<void> {
    while (this.#state.phase === 'leaving' || this.#state.phase === 'closing') {
      await this.#state.done;
    }
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
    while (this.#state.phase === 'opening') {
      await this.#state.done.catch(() => undefined);
    }
    const { trouble } = this;
    if (trouble !== undefined) throw new InferenceError('not-ready', trouble);
    this.evict();
    if (!('done' in this.#state)) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new InferenceError(
              'overloaded',
              `the model is still used by ${
                this.#running
              } requests: it is unloaded when they are answered`,
            ),
          ),
        this.#unloadWaitMillis,
      );
    });
    try {
      await Promise.race([this.#state.done, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  evict(): void {
    if (this.#state.phase !== 'open') return;
    const { ready, seat } = this.#state;
    seat.isLeaving = true;
    if (this.#running === 0) {
      void this.#close(this.#state);
      return;
    }
    let go = () => {};
    const done = new Promise<void>(resolve => {
      go = resolve;
    });
    this.#state = { phase: 'leaving', ready, seat, done, go };
  }

  async release(): Promise<void> {
    while (this.#state.phase === 'opening') {
      await this.#state.done.catch(() => undefined);
    }
    this.evict();
    if ('done' in this.#state) await this.#state.done;
    this.#state = { phase: 'released' };
  }

  #useOpen<T>(seat: Seat, run: () => Promise<T>): Promise<T> {
    this.#running++;
    this.#budget.touch(seat);
    const running = run();
    running.then(this.#onEnd, this.#onEnd);
    return running;
  }

  async #useWhenOpen<T>(
    cancellation: Cancellation | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    this.#waiting++;
    try {
      // It may have to leave again before this one's turn.
      do await untilDeadline(this.load(), cancellation);
      while (this.#state.phase !== 'open');
    } catch (error) {
      this.#waiting--;
      if (this.standing === 'idle') this.#budget.look();
      throw error;
    }
    this.#waiting--;
    return this.#useOpen(this.#state.seat, run);
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
      this.#sit(ready, seat);
    } catch (error) {
      this.#state = { phase: 'closed' };
      if (error instanceof InferenceError) throw error;
      throw new InferenceError(
        'not-ready',
        `the model could not be opened again: ${errorMessage(error)}`,
        error,
      );
    }
    if (this.standing === 'idle') this.#budget.look();
  }

  #sit({ grownBytes }: ReadyModel, seat: Seat): void {
    this.#memory.learn(grownBytes);
    seat.holder = this;
    seat.resize(this.bytes);
  }

  #close({ ready, seat }: Opened): Promise<void> {
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
    this.#running--;
    if (this.#running > 0) return;
    const state = this.#state;
    if (state.phase === 'leaving') void this.#close(state).then(state.go);
    else this.#budget.look();
  }
}
