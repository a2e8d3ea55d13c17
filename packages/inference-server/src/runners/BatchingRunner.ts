import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import { refuseUnwanted } from '../domain/refuseUnwanted';
import type { SharedDimension, Signature, Tensor } from '../domain/tensor';
import type { CostModel } from './cost/CostModel';
import type { FlushRule } from './decideFlush';
import { isDearToJoin } from './isDearToJoin';
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

/** How much of the time since the last request counts in the time between requests. */
const NEWS = 0.2;

/**
 * Computes the rows of several requests in one run of the model.
 *
 * Requests that arrive in the same turn of the event loop are stacked along the free first dimension, and
 * where the route allows a delay also those that a rule finds worth waiting for. No run of several is longer than its
 * bound, as far as its cost is known. Each request still succeeds, fails or is cancelled alone: who is gone when
 * the batch is made is left out, and when a batch fails each of its requests is run by itself.
 */
export class BatchingRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise = true;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #maxRows: number;
  readonly #maxDelayMillis: number;
  readonly #mostMillis: number;
  readonly #gathersWhileBusy: boolean;
  readonly #cost: CostModel;
  readonly #rule: FlushRule;
  readonly #observer: BatchObserver;
  /** Whether two requests can differ in anything but their rows. */
  readonly #variable: boolean;
  #queue: Waiting[] = [];
  #queuedRows = 0;
  #firstQueuedMillis = 0;
  #lastQueuedMillis = -Infinity;
  #gapMillis = Infinity;
  #running = 0;
  #scheduled = false;
  /** Of a wait that somebody who comes may shorten. */
  #timer: NodeJS.Timeout | undefined;
  readonly #onTurn = () => {
    this.#scheduled = false;
    this.#timer = undefined;
    this.#flushWhenDue();
  };

  constructor(options: {
    /** A row-wise runner. */
    inner: ModelRunner;
    batching: BatchingOptions;
    /** Longest run that requests share. */
    mostMillis: number;
    /** Whether requests gather while a run of the model goes on, as its thread takes no other one meanwhile. */
    gathersWhileBusy: boolean;
    cost: CostModel;
    rule: FlushRule;
    observer?: BatchObserver;
  }) {
    this.#inner = options.inner;
    this.signature = options.inner.signature;
    this.dimensions = options.inner.dimensions;
    this.#maxRows = options.batching.maxRows;
    this.#maxDelayMillis = options.batching.maxDelayMicros / 1000;
    this.#mostMillis = options.mostMillis;
    this.#gathersWhileBusy = options.gathersWhileBusy;
    this.#cost = options.cost;
    this.#rule = options.rule;
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
    if (rows === undefined || rows >= this.#mostRows()) {
      this.#observer.onBatch?.(rows ?? 1, 1);
      return this.#inner.run(request);
    }
    if (isDearToJoin(request.inputs, this.#cost.cost)) {
      this.#observer.onBatch?.(rows, 1);
      return new Promise((resolve, reject) =>
        this.#runAlone({ request, rows, resolve, reject }),
      );
    }
    return new Promise((resolve, reject) => {
      if (this.#maxDelayMillis > 0) this.#noteArrival();
      this.#queue.push({ request, rows, resolve, reject });
      this.#queuedRows += rows;
      if (!this.#isHeld && this.#queuedRows >= this.#mostRows()) this.#flush();
      if (this.#timer) {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#scheduled = false;
      }
      if (this.#queue.length > 0 && !this.#scheduled) this.#schedule(0);
    });
  }

  async release(): Promise<void> {
    while (this.#queue.length > 0) this.#flush();
    await this.#inner.release();
  }

  /** Whether a run goes on that requests gather behind. */
  get #isHeld(): boolean {
    return this.#gathersWhileBusy && this.#running > 0;
  }

  #mostRows(): number {
    return Math.min(this.#maxRows, this.#cost.rowsWithin(this.#mostMillis));
  }

  #noteArrival(): void {
    const now = performance.now();
    if (this.#queue.length === 0) this.#firstQueuedMillis = now;
    const gap = now - this.#lastQueuedMillis;
    this.#gapMillis =
      this.#gapMillis === Infinity
        ? gap
        : (1 - NEWS) * this.#gapMillis + NEWS * gap;
    this.#lastQueuedMillis = now;
  }

  /** Timers have a resolution of a millisecond; shorter waits count turns of the loop. */
  #schedule(waitMillis: number): void {
    this.#scheduled = true;
    if (waitMillis < 1) setImmediate(this.#onTurn);
    else this.#timer = setTimeout(this.#onTurn, Math.floor(waitMillis));
  }

  #flushWhenDue(): void {
    if (this.#queue.length === 0 || this.#isHeld) return;
    const waitMillis = this.#maxDelayMillis > 0 ? this.#timeToWait() : 0;
    if (waitMillis > 0) this.#schedule(waitMillis);
    else {
      this.#flush();
      if (this.#queue.length > 0 && !this.#isHeld) this.#schedule(0);
    }
  }

  #timeToWait(): number {
    const now = performance.now();
    let deadlineMillis = Infinity;
    for (const { request } of this.#queue) {
      const { deadlineMillis: own = Infinity } = request.cancellation ?? {};
      if (own < deadlineMillis) deadlineMillis = own;
    }
    return this.#rule({
      requests: this.#queue.length,
      waitedMillis: now - this.#firstQueuedMillis,
      quietMillis: now - this.#lastQueuedMillis,
      maxDelayMillis: this.#maxDelayMillis,
      gapMillis: this.#gapMillis,
      millisPerRun: this.#cost.cost?.millisPerRun,
      timeLeftMillis: deadlineMillis - now,
    });
  }

  /** Runs those that came first, as many as fit into a run. */
  #flush(): void {
    const present: Waiting[] = [];
    const most = this.#mostRows();
    let rows = 0;
    let taken = 0;
    for (; taken < this.#queue.length; taken++) {
      const waiting = this.#queue[taken];
      if (taken > 0 && rows + waiting.rows > most) break;
      rows += waiting.rows;
      if (isWanted(waiting)) present.push(waiting);
    }
    if (taken === this.#queue.length) this.#queue = [];
    else this.#queue.splice(0, taken);
    this.#queuedRows -= rows;
    if (present.length === 0) return;
    const uniform =
      !this.#variable && present.every(w => w.request.outputs === undefined);
    const groups = uniform ? [present] : groupByForm(present);
    for (const group of groups) void this.#runGroup(group);
  }

  #end(): void {
    this.#running--;
    if (this.#gathersWhileBusy && !this.#scheduled) this.#flushGathered();
  }

  /** What came meanwhile has waited enough. */
  #flushGathered(): void {
    if (this.#queue.length > 0 && !this.#isHeld) this.#flush();
    if (this.#queue.length > 0 && !this.#isHeld) this.#schedule(0);
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
    this.#running++;
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
      for (const waiting of group) {
        if (isWanted(waiting)) this.#runAlone(waiting);
      }
      this.#end();
      return;
    }
    this.#cost.observe(total, times.computeMillis);
    this.#end();
    for (let i = 0; i < group.length; i++) {
      const { request } = group[i];
      if (request.times) request.times.computeMillis = times.computeMillis;
      group[i].resolve(parts[i]);
    }
  }

  #runAlone({ request, rows, resolve, reject }: Waiting): void {
    this.#running++;
    this.#inner.run(request).then(
      outputs => {
        const { times } = request;
        if (times) this.#cost.observe(rows, times.computeMillis);
        this.#end();
        resolve(outputs);
      },
      error => {
        this.#end();
        reject(error);
      },
    );
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
