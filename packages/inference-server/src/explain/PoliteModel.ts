import { setTimeout } from 'node:timers/promises';
import { InferenceError } from '../domain/InferenceError';
import type { Cancellation } from '../domain/ModelRunner';
import type { TensorVersion } from '../domain/ServedVersion';
import type { Tensor } from '../domain/tensor';
import type { Target } from './target';

/** A run of the model that takes about so long lets callers in between. */
const RUN_MILLIS = 4;
const FIRST_ROWS_OF_A_RUN = 16;
const MOST_ROWS_OF_A_RUN = 1_024;
/** A provider that takes long needs no rest. */
const LONGEST_PAUSE_MILLIS = 50;

/** A model that is run in pieces, with pauses in which callers have their turn. */
export class PoliteModel {
  readonly #served: TensorVersion;
  readonly #caller: Cancellation;
  readonly #signal: AbortSignal;
  /** Who has given up needs no run that still waits, and no answer that is paid for. */
  readonly #cancellation: Cancellation;
  #rowsOfARun = FIRST_ROWS_OF_A_RUN;
  evaluations = 0;

  constructor(options: {
    served: TensorVersion;
    caller: Cancellation;
    signal: AbortSignal;
  }) {
    this.#served = options.served;
    this.#caller = options.caller;
    const { caller, signal } = options;
    this.#signal = signal;
    this.#cancellation = {
      get cancelled() {
        return caller.cancelled || signal.aborted;
      },
    };
    // A fixed first dimension takes one row at a time.
    if (!options.served.rowWise) this.#rowsOfARun = 1;
  }

  async predict(
    rows: number,
    target: Target,
    toTensors: (from: number, to: number) => Tensor[],
  ): Promise<Float64Array> {
    const predictions = new Float64Array(rows);
    for (let from = 0; from < rows; ) {
      const to = Math.min(rows, from + this.#rowsOfARun);
      const outputs = await this.run(toTensors(from, to), to - from);
      predictions.set(target.read(outputs, to - from), from);
      from = to;
    }
    return predictions;
  }

  async run(inputs: readonly Tensor[], rows: number): Promise<Tensor[]> {
    this.#signal.throwIfAborted();
    if (this.#caller.cancelled) {
      throw new InferenceError('cancelled', 'the caller went away');
    }
    this.evaluations += rows;
    const startedMillis = performance.now();
    // A run that is given up still needs the version, until it ends.
    this.#served.enter();
    const running = this.#served.run({
      inputs,
      rows: this.#served.rowWise ? rows : undefined,
      cancellation: this.#cancellation,
      isTrial: true,
    });
    const leave = () => this.#served.leave();
    running.then(leave, leave);
    const outputs = await this.#inTime(running);
    const tookMillis = performance.now() - startedMillis;
    if (this.#served.rowWise) this.#learn(rows, tookMillis);
    await setTimeout(Math.min(tookMillis, LONGEST_PAUSE_MILLIS));
    return outputs;
  }

  /** A run that hangs must not hold up the explanations behind it. */
  async #inTime<T>(run: Promise<T>): Promise<T> {
    let onAbort = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(this.#signal.reason);
      this.#signal.addEventListener('abort', onAbort);
    });
    try {
      return await Promise.race([run, late]);
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
    }
  }

  #learn(rows: number, tookMillis: number): void {
    if (tookMillis < RUN_MILLIS / 2 && rows >= this.#rowsOfARun) {
      this.#rowsOfARun = Math.min(MOST_ROWS_OF_A_RUN, this.#rowsOfARun * 2);
    } else if (tookMillis > 2 * RUN_MILLIS) {
      this.#rowsOfARun = Math.max(1, Math.floor(this.#rowsOfARun / 2));
    }
  }
}
