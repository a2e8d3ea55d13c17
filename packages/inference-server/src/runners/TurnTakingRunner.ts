import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import { refuseUnwanted } from '../domain/refuseUnwanted';
import type { SharedDimension, Signature, Tensor } from '../domain/tensor';

/** How long runs may hold the event loop before others get a turn. */
const TURN_MILLIS = 5;
/**
 * Turns of the event loop that all others get after a long run. Each takes one new
 * connection, and some hundredths of a millisecond when there is nothing to do.
 */
const TURNS_OF_OTHERS = 16;
/** Runs by which the time of the next one is told. */
const REMEMBERED_RUNS = 8;

interface Waiting {
  millis: number;
  go(): void;
}

/**
 * Lets only so many runs start in one turn of the event loop as take a few milliseconds.
 * The runtime holds the loop while it computes; without turns a hundred requests that
 * arrive together would hold up probes, and all other models, until the last is done.
 */
export class Turns {
  readonly #now: () => number;
  readonly #pause: (done: () => void) => void;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #runningMillis = 0;
  #lastEndMillis = 0;

  constructor(
    options: {
      /** A monotonic clock, in milliseconds. */
      now?: () => number;
      /** Gives others their turns. */
      pause?: (done: () => void) => void;
    } = {},
  ) {
    this.#now = options.now ?? (() => performance.now());
    this.#pause = options.pause ?? letOthersRun;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether nothing runs or waits to. */
  get areFree(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  /**
   * Runs the work when its turn has come.
   *
   * @param millis - how long it will take, as far as that is known
   * @param onEnd - told how long it took
   */
  async take<T>(
    work: () => Promise<T>,
    millis: number,
    onEnd: (millis: number) => void,
  ): Promise<T> {
    if (this.#waiting.length === 0 && this.#hasRoom(millis))
      this.#enter(millis);
    else {
      await new Promise<void>(go => {
        this.#waiting.push({ millis, go });
      });
    }
    const startedMillis = this.#now();
    try {
      return await work();
    } finally {
      // Runs of one turn follow each other; each took the time since the one before it.
      const endedMillis = this.#now();
      onEnd(endedMillis - Math.max(startedMillis, this.#lastEndMillis));
      this.#lastEndMillis = endedMillis;
      // Also when nobody waits here: who comes next may still be waiting to be accepted.
      if (millis >= TURN_MILLIS / 2) this.#pause(() => this.#leave(millis));
      else this.#leave(millis);
    }
  }

  #hasRoom(millis: number): boolean {
    return this.#running === 0 || this.#runningMillis + millis <= TURN_MILLIS;
  }

  #enter(millis: number): void {
    this.#running++;
    this.#runningMillis += millis;
  }

  #leave(millis: number): void {
    this.#running--;
    this.#runningMillis =
      this.#running === 0 ? 0 : this.#runningMillis - millis;
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0].millis)) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#enter(next.millis);
      next.go();
    }
  }
}

function letOthersRun(done: () => void): void {
  let left = TURNS_OF_OTHERS;
  const onTurn = () => {
    left--;
    if (left === 0) done();
    else setImmediate(onTurn);
  };
  setImmediate(onTurn);
}

/** Runs a model when its turn has come. All models of a process share the turns. */
export class TurnTakingRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #turns: Turns;
  readonly #recentMillis: number[] = [];
  #runs = 0;
  #expectedMillis = 0;
  readonly #onEnd = (millis: number) => this.#learn(millis);

  constructor(options: { inner: ModelRunner; turns: Turns }) {
    this.#inner = options.inner;
    this.#turns = options.turns;
    this.signature = options.inner.signature;
    this.rowWise = options.inner.rowWise;
    this.dimensions = options.inner.dimensions;
  }

  run(request: RunRequest): Promise<Tensor[]> {
    return this.#turns.take(
      () => {
        refuseUnwanted(request.cancellation);
        return this.#inner.run(request);
      },
      this.#expectedMillis,
      this.#onEnd,
    );
  }

  release(): Promise<void> {
    return this.#inner.release();
  }

  /** The shortest of the latest runs tells most: the others were held up by something else. */
  #learn(millis: number): void {
    this.#recentMillis[this.#runs % REMEMBERED_RUNS] = millis;
    this.#runs++;
    this.#expectedMillis = Math.min(...this.#recentMillis);
  }
}
