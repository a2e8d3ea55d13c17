import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import { refuseUnwanted } from '../domain/refuseUnwanted';
import type { SharedDimension, Signature, Tensor } from '../domain/tensor';
import { joinRows, splitRows } from './rows';

interface Waiting {
  request: RunRequest;
  rows: number;
  resolve(outputs: Tensor[]): void;
  reject(error: unknown): void;
}

export interface BatchObserver {
  /** A batch was run: how many rows it had, of how many requests. */
  onBatch?(rows: number, requests: number): void;
}

/**
 * Computes the rows of several requests in one run of the model.
 *
 * Requests that arrive in the same turn of the event loop, or within the delay that the
 * route allows, are stacked along the free first dimension. Each still succeeds, fails or
 * is cancelled alone: who is gone when the batch is made is left out, and when a batch
 * fails each of its requests is run by itself.
 */
export class BatchingRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise = true;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #maxRows: number;
  readonly #maxDelayMillis: number;
  readonly #observer: BatchObserver;
  /** Whether two requests can differ in anything but their rows. */
  readonly #variable: boolean;
  #queue: Waiting[] = [];
  #queuedRows = 0;
  #firstQueuedMillis = 0;
  #scheduled = false;
  readonly #onTurn = () => this.#flushWhenDue();

  constructor(options: {
    /** A row-wise runner. */
    inner: ModelRunner;
    batching: BatchingOptions;
    observer?: BatchObserver;
  }) {
    this.#inner = options.inner;
    this.signature = options.inner.signature;
    this.dimensions = options.inner.dimensions;
    this.#maxRows = options.batching.maxRows;
    this.#maxDelayMillis = options.batching.maxDelayMicros / 1000;
    this.#observer = options.observer ?? {};
    this.#variable = this.signature.inputs.some(input =>
      input.shape.slice(1).includes(-1),
    );
  }

  get queuedRequests(): number {
    return this.#queue.length;
  }

  run(request: RunRequest): Promise<Tensor[]> {
    const { rows } = request;
    if (rows === undefined || rows >= this.#maxRows) {
      this.#observer.onBatch?.(rows ?? 1, 1);
      return this.#inner.run(request);
    }
    if (this.#queuedRows + rows > this.#maxRows) this.#flush();
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, rows, resolve, reject });
      this.#queuedRows += rows;
      if (this.#queuedRows >= this.#maxRows) this.#flush();
      else if (!this.#scheduled) this.#schedule();
    });
  }

  async release(): Promise<void> {
    this.#flush();
    await this.#inner.release();
  }

  #schedule(): void {
    this.#scheduled = true;
    if (this.#maxDelayMillis > 0) this.#firstQueuedMillis = performance.now();
    // Timers have a resolution of a millisecond; shorter waits count turns of the loop.
    if (this.#maxDelayMillis >= 1) {
      setTimeout(this.#onTurn, this.#maxDelayMillis);
    } else {
      setImmediate(this.#onTurn);
    }
  }

  #flushWhenDue(): void {
    const due =
      this.#maxDelayMillis >= 1 ||
      this.#maxDelayMillis === 0 ||
      performance.now() - this.#firstQueuedMillis >= this.#maxDelayMillis;
    if (due) {
      this.#scheduled = false;
      this.#flush();
    } else {
      setImmediate(this.#onTurn);
    }
  }

  #flush(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    this.#queuedRows = 0;
    const present: Waiting[] = [];
    for (let i = 0; i < queue.length; i++) {
      if (isWanted(queue[i])) present.push(queue[i]);
    }
    if (present.length === 0) return;
    const uniform =
      !this.#variable && present.every(w => w.request.outputs === undefined);
    const groups = uniform ? [present] : groupByForm(present);
    for (const group of groups) this.#runGroup(group);
  }

  async #runGroup(group: readonly Waiting[]): Promise<void> {
    const rows = group.map(waiting => waiting.rows);
    const total = rows.reduce((sum, count) => sum + count, 0);
    this.#observer.onBatch?.(total, group.length);
    if (group.length === 1) {
      this.#runAlone(group[0]);
      return;
    }
    let parts: Tensor[][];
    const times = { computeMillis: 0 };
    try {
      const outputs = await this.#inner.run({
        inputs: joinRows(group.map(waiting => waiting.request.inputs)),
        rows: total,
        outputs: group[0].request.outputs,
        ownsInputs: true,
        times,
      });
      parts = splitRows(outputs, rows);
    } catch {
      for (const waiting of group) this.#runAlone(waiting);
      return;
    }
    for (let i = 0; i < group.length; i++) {
      const { request } = group[i];
      if (request.times) request.times.computeMillis = times.computeMillis;
      group[i].resolve(parts[i]);
    }
  }

  #runAlone(waiting: Waiting): void {
    if (!isWanted(waiting)) return;
    this.#inner.run(waiting.request).then(waiting.resolve, waiting.reject);
  }
}

/** Refuses a request that nobody waits for any more. */
function isWanted({ request, reject }: Waiting): boolean {
  try {
    refuseUnwanted(request.cancellation);
    return true;
  } catch (error) {
    reject(error);
    return false;
  }
}

/** Requests can share a run when they have the same inner shapes and want the same outputs. */
function groupByForm(waiting: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const { inputs, outputs } = one.request;
    const shapes = inputs.map(input => input.shape.slice(1).join('x'));
    const form = JSON.stringify([shapes, outputs]);
    const group = groups.get(form);
    if (group) group.push(one);
    else groups.set(form, [one]);
  }
  return [...groups.values()];
}
