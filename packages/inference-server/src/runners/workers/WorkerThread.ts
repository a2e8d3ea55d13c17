import { Worker } from 'node:worker_threads';
import { InferenceError } from '../../domain/InferenceError';
import type { Cancellation, RunRequest } from '../../domain/ModelRunner';
import { errorMessage } from '../../errors';
import { refuseUnwanted } from '../../domain/refuseUnwanted';
import type { ModelFile } from '../onnx/openOnnx';
import { BusyShare } from './BusyShare';
import { FairLine } from './FairLine';
import type { OpenedModel, Order, Reply, Results, RunResult } from './messages';
import { packTensors } from './packTensors';
import { fromPlainError } from './plainErrors';

const WORDS: Record<keyof Results, string> = {
  open: 'opened the model',
  run: 'computed this request',
  release: 'freed the model',
};

/** Something that the thread does, or is to do. */
interface Job {
  kind: keyof Results;
  model: number;
  cancellation?: Cancellation;
  /** Makes the order when it is given. */
  order(): { order: Order; moved: ArrayBuffer[] };
  resolve(result: Results[keyof Results]): void;
  reject(error: Error): void;
}

/** What a thread does right now. */
export interface ThreadWork {
  kind: keyof Results;
  model: number;
  /** By the monotonic clock. */
  sinceMillis: number;
}

/**
 * A thread that runs models, from this side. It does one thing at a time; what waits does so here, where it can
 * still be taken back, and in turns of the models.
 *
 * It ends when it is told to, or by itself when something in it breaks. It is never stopped from outside: that
 * aborts the whole process while the runtime computes.
 */
export class WorkerThread {
  readonly id: number;
  readonly #worker: Worker;
  readonly #onEnd: (reason: string, running: number | undefined) => void;
  readonly #line = new FairLine<Job>();
  readonly #exited: Promise<void>;
  readonly #busy = new BusyShare(performance.now());
  #current: { job: Job; sinceMillis: number } | undefined;
  #busyMillis = 0;
  #state: 'open' | 'ending' | 'ended' = 'open';
  #reason: string | undefined;

  constructor(options: {
    id: number;
    /** Absolute path of the program. */
    program: string;
    /**
     * It has ended without being told to. Its orders are refused by then.
     *
     * @param running - the model that it was about; undefined for none
     */
    onEnd: (reason: string, running: number | undefined) => void;
  }) {
    this.id = options.id;
    this.#onEnd = options.onEnd;
    this.#worker = new Worker(options.program, {
      name: `model-worker-${options.id}`,
    });
    this.#worker.on('message', (reply: Reply) => this.#finish(reply));
    this.#worker.on('messageerror', ({ message, stack }) =>
      this.#finish({ ok: false, error: { message, stack } }),
    );
    this.#worker.on('error', error => {
      this.#reason ??= errorMessage(error);
    });
    this.#exited = new Promise(resolve => {
      this.#worker.once('exit', code => {
        this.#lose(code);
        resolve();
      });
    });
  }

  /** Undefined while it waits for something to do. */
  get work(): ThreadWork | undefined {
    const { job, sinceMillis } = this.#current ?? {};
    if (job === undefined || sinceMillis === undefined) return undefined;
    return { kind: job.kind, model: job.model, sinceMillis };
  }

  /** Orders that wait. */
  get waiting(): number {
    return this.#line.size;
  }

  waitingOf(model: number): number {
    return this.#line.sizeOf(model);
  }

  /** Part of the last minute in which it had something to do, between 0 and 1. */
  get busyShare(): number {
    const now = performance.now();
    const current = this.#current ? now - this.#current.sinceMillis : 0;
    return Math.max(this.#busy.at(now), Math.min(1, current / 1_000) / 60);
  }

  /** Since it was started. */
  get busyMillis(): number {
    const { sinceMillis } = this.#current ?? {};
    const running =
      sinceMillis === undefined ? 0 : performance.now() - sinceMillis;
    return this.#busyMillis + running;
  }

  open(model: number, file: ModelFile): Promise<OpenedModel> {
    return this.#do<OpenedModel>({
      kind: 'open',
      model,
      order: () => ({ order: { kind: 'open', model, file }, moved: [] }),
    });
  }

  /** @throws InferenceError as the model's, `cancelled`, or `internal` when the thread ends meanwhile */
  run(model: number, request: RunRequest): Promise<RunResult> {
    const { inputs, rows, outputs, cancellation } = request;
    return this.#do<RunResult>({
      kind: 'run',
      model,
      cancellation,
      order: () => {
        const { tensors, moved } = packTensors(inputs, {
          mayMove: request.ownsInputs ?? false,
        });
        return {
          order: { kind: 'run', model, inputs: tensors, rows, outputs },
          moved,
        };
      },
    });
  }

  release(model: number): Promise<undefined> {
    return this.#do<undefined>({
      kind: 'release',
      model,
      order: () => ({ order: { kind: 'release', model }, moved: [] }),
    });
  }

  /** Takes what waits out of the line, and refuses it; what is to be freed still is. */
  refuseWaiting(): void {
    for (const job of this.#line.clear()) {
      if (job.kind === 'release') this.#line.push(job.model, job);
      else job.reject(noThread());
    }
  }

  /** Whoever waits for what it does waits no longer. A model that it opens all the same is freed then. */
  giveUp(error: Error): void {
    if (!this.#current) return;
    const { job } = this.#current;
    job.reject(error);
    const resolve =
      job.kind === 'open'
        ? () => void this.release(job.model).catch(() => undefined)
        : () => {};
    this.#current.job = { ...job, resolve, reject: () => {} };
  }

  /** Ends it after what it does and what waits. Nothing may be asked of it any more. */
  end(): Promise<void> {
    this.#state = this.#state === 'ended' ? 'ended' : 'ending';
    this.#next();
    return this.#exited;
  }

  #do<T extends Results[keyof Results]>(
    job: Omit<Job, 'resolve' | 'reject'>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      // What comes of an order is told by its kind.
      const settle = resolve as Job['resolve'];
      if (this.#state === 'ended') {
        reject(noThread());
        return;
      }
      this.#line.push(job.model, { ...job, resolve: settle, reject });
      this.#next();
    });
  }

  #next(): void {
    while (!this.#current) {
      const job = this.#line.shift();
      if (job === undefined) {
        const order: Order = { kind: 'end' };
        if (this.#state === 'ending') this.#worker.postMessage(order);
        return;
      }
      try {
        refuseUnwanted(job.cancellation);
        const { order, moved } = job.order();
        this.#worker.postMessage(order, moved);
        this.#current = { job, sinceMillis: performance.now() };
      } catch (error) {
        job.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #finish(reply: Reply): void {
    if (!this.#current) return;
    const { job } = this.#current;
    this.#stopClock();
    this.#next();
    if (reply.ok) job.resolve(reply.result);
    else job.reject(fromPlainError(reply.error));
  }

  #stopClock(): void {
    if (!this.#current) return;
    const now = performance.now();
    const millis = now - this.#current.sinceMillis;
    this.#busy.add(millis, now);
    this.#busyMillis += millis;
    this.#current = undefined;
  }

  #lose(code: number): void {
    const isExpected = this.#state === 'ending' && !this.#current;
    this.#state = 'ended';
    const reason = this.#reason ?? `its status is ${code}`;
    const running = this.#current?.job;
    this.#stopClock();
    const what = running && WORDS[running.kind];
    running?.reject(
      new InferenceError(
        'internal',
        `the thread that ${what} ended: ${reason}`,
      ),
    );
    for (const job of this.#line.clear()) job.reject(noThread());
    if (!isExpected) this.#onEnd(reason, running?.model);
  }
}

function noThread(): InferenceError {
  return new InferenceError(
    'not-ready',
    'the thread that was to compute this request has ended or hangs: try again in a moment',
  );
}
