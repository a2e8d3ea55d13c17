import { InferenceError } from '../../domain/InferenceError';
import type {
  Cancellation,
  ModelRunner,
  RunRequest,
} from '../../domain/ModelRunner';
import { refuseUnwanted } from '../../domain/refuseUnwanted';
import type { SharedDimension, Signature, Tensor } from '../../domain/tensor';
import type { VersionStatistics } from '../../domain/VersionStatistics';
import { requestKey } from './requestKey';
import type { ResponseCache } from './ResponseCache';

/** A run that all wait for who ask the same. It is wanted as long as one of them wants it. */
class Flight implements Cancellation {
  readonly waiting: (Cancellation | undefined)[] = [];
  readonly times = { computeMillis: 0 };
  outputs: Promise<Tensor[]> = Promise.resolve([]);

  get cancelled(): boolean {
    return this.waiting.every(one => one?.cancelled ?? false);
  }

  /** Of the one who waits longest. */
  get deadlineMillis(): number {
    return Math.max(
      ...this.waiting.map(one => one?.deadlineMillis ?? Infinity),
    );
  }
}

/**
 * Answers requests that were answered before from memory, and computes once what several ask at
 * the same time. Only for models whose answers depend on nothing but their inputs.
 */
export class CachingRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #cache: ResponseCache;
  readonly #statistics: VersionStatistics;
  readonly #flights = new Map<string, Flight>();

  constructor(options: {
    inner: ModelRunner;
    cache: ResponseCache;
    statistics: VersionStatistics;
  }) {
    this.#inner = options.inner;
    this.#cache = options.cache;
    this.#statistics = options.statistics;
    this.signature = options.inner.signature;
    this.rowWise = options.inner.rowWise;
    this.dimensions = options.inner.dimensions;
  }

  async run(request: RunRequest): Promise<Tensor[]> {
    if (request.isCopy || request.isTrial) return this.#inner.run(request);
    const startedMillis = performance.now();
    const key = requestKey(request);
    const kept = this.#cache.get(key);
    if (kept !== undefined) {
      this.#statistics.observeHit(performance.now() - startedMillis);
      return [...kept];
    }
    const running = this.#flights.get(key);
    if (running !== undefined) return this.#join(running, request);
    return this.#begin(key, request, startedMillis);
  }

  release(): Promise<void> {
    return this.#inner.release();
  }

  async #begin(
    key: string,
    request: RunRequest,
    startedMillis: number,
  ): Promise<Tensor[]> {
    const flight = new Flight();
    flight.waiting.push(request.cancellation);
    flight.outputs = this.#inner.run({
      ...request,
      cancellation: flight,
      times: flight.times,
    });
    this.#flights.set(key, flight);
    try {
      const outputs = await flight.outputs;
      this.#cache.put(key, outputs);
      this.#statistics.observeMiss(performance.now() - startedMillis);
      tell(request, flight);
      return outputs;
    } finally {
      this.#flights.delete(key);
    }
  }

  async #join(flight: Flight, request: RunRequest): Promise<Tensor[]> {
    const startedMillis = performance.now();
    flight.waiting.push(request.cancellation);
    try {
      const outputs = await flight.outputs;
      this.#statistics.observeHit(performance.now() - startedMillis);
      tell(request, flight);
      return [...outputs];
    } catch (error) {
      if (!isUnwanted(error)) throw error;
      // It was given up right before this one came, who still wants it.
      refuseUnwanted(request.cancellation);
      return this.run(request);
    }
  }
}

function tell({ times }: RunRequest, flight: Flight): void {
  if (times) times.computeMillis = flight.times.computeMillis;
}

function isUnwanted(error: unknown): boolean {
  if (!(error instanceof InferenceError)) return false;
  return error.kind === 'cancelled' || error.kind === 'deadline';
}
