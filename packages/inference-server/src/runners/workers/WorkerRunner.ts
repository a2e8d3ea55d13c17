import { setTimeout as sleep } from 'node:timers/promises';
import { InferenceError } from '../../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../../domain/ModelRunner';
import type { SharedDimension, Signature, Tensor } from '../../domain/tensor';
import { errorMessage } from '../../errors';
import { backoffMillis } from '../../snapshot/backoff';
import type { MeasuredRun } from '../cost/MeasuredRun';
import type { OpenedModel } from './messages';
import type { WorkerThread } from './WorkerThread';

/** Wait before a model whose thread has ended is opened once more, doubled with each failure. */
const RETRY_MILLIS = 1_000;

/** Where a model is. */
export interface Place {
  thread: WorkerThread;
  /** Number of the model there. */
  model: number;
}

/**
 * - `there`: it can be run.
 * - `lost`: its thread has ended, or does not come back to it; it is opened in another one.
 * - `hung`: its thread computes one of its requests for far too long, and may never end.
 * - `released`: nobody may run it any more.
 */
type State =
  | { phase: 'there'; place: Place }
  | { phase: 'lost'; why: string }
  | { phase: 'hung'; place: Place; why: string }
  | { phase: 'released' };

/** Runs a model in a thread of the pool, and has it opened again when that thread is lost. */
export class WorkerRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  /** Told of each run, in the thread. */
  onRun: ((run: MeasuredRun) => void) | undefined;
  readonly #openAnew: (options: { alone: boolean }) => Promise<Place>;
  readonly #onRelease: () => void;
  readonly #onFree: (place: Place) => void;
  readonly #onChange: () => void;
  #state: State;

  constructor(options: {
    opened: OpenedModel;
    place: Place;
    /** Opens it in a thread that works; alone where it may end that too. */
    openAnew: (options: { alone: boolean }) => Promise<Place>;
    /** Nobody will ask for it again. */
    onRelease: () => void;
    /** It has left a thread. */
    onFree: (place: Place) => void;
    /** Whether it can be run has changed. */
    onChange: () => void;
  }) {
    const { signature, rowWise, dimensions } = options.opened;
    this.signature = signature;
    this.rowWise = rowWise;
    this.dimensions = dimensions;
    this.#openAnew = options.openAnew;
    this.#onRelease = options.onRelease;
    this.#onFree = options.onFree;
    this.#onChange = options.onChange;
    this.#state = { phase: 'there', place: options.place };
  }

  /** Why it cannot be run right now; undefined when it can. */
  get trouble(): string | undefined {
    return 'why' in this.#state ? this.#state.why : undefined;
  }

  /** Undefined while it is nowhere. */
  get place(): Place | undefined {
    return 'place' in this.#state ? this.#state.place : undefined;
  }

  async run(request: RunRequest): Promise<Tensor[]> {
    if (this.#state.phase !== 'there') {
      throw new InferenceError(
        'not-ready',
        this.trouble ?? 'the model is not loaded any more',
      );
    }
    const { thread, model } = this.#state.place;
    const { outputs, millis } = await thread.run(model, request);
    if (request.times) request.times.computeMillis = millis;
    this.onRun?.({ rows: request.rows ?? 1, millis });
    return outputs;
  }

  async release(): Promise<void> {
    const before = this.#state;
    this.#state = { phase: 'released' };
    this.#onRelease();
    if (before.phase === 'there') await this.#free(before.place);
    // Nobody can say when it ends what it does.
    else if (before.phase === 'hung') void this.#free(before.place);
  }

  /** Its thread has ended, or somebody else's run keeps it. Resolves when the model is back, or released. */
  async lose(why: string, options: { alone: boolean }): Promise<void> {
    const before = this.#state;
    if (before.phase === 'released' || before.phase === 'lost') return;
    this.#state = { phase: 'lost', why: `${why}: it is opened again` };
    this.#onChange();
    void this.#free(before.place);
    for (let failures = 1; this.#state.phase === 'lost'; failures++) {
      try {
        const place = await this.#openAnew(options);
        if (this.#state.phase === 'lost') {
          this.#state = { phase: 'there', place };
          this.#onChange();
        } else void this.#free(place);
      } catch (error) {
        if (this.#state.phase !== 'lost') return;
        this.#state = {
          phase: 'lost',
          why: `${why}, and it could not be opened again: ${errorMessage(
            error,
          )}`,
        };
        this.#onChange();
        await sleep(backoffMillis(failures, RETRY_MILLIS), undefined, {
          ref: false,
        });
      }
    }
  }

  /** One of its own runs takes far too long. */
  hang(why: string): void {
    if (this.#state.phase !== 'there') return;
    this.#state = { phase: 'hung', place: this.#state.place, why };
    this.#onChange();
  }

  /** That run is over after all. */
  recover(): void {
    if (this.#state.phase !== 'hung') return;
    this.#state = { phase: 'there', place: this.#state.place };
    this.#onChange();
  }

  async #free(place: Place): Promise<void> {
    // A thread that is not there any more has freed it already.
    await place.thread.release(place.model).catch(() => undefined);
    this.#onFree(place);
  }
}
