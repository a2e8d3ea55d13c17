import type { RecordReceipt } from '@greenroom/plugin-ai-inference-common';
import type { Dispatcher } from 'undici';
import { request } from 'undici';
import { z } from 'zod';
import { errorMessage } from '../errors';
import type { LogFields, Logger } from '../logger';
import { backoffMillis } from '../snapshot/backoff';
import {
  describeFailure,
  describeStatus,
} from '../snapshot/controlPlaneFailure';
import type { BatchQueue } from './BatchQueue';
import type { RecordBuffer } from './RecordBuffer';
import type { RecordSpool } from './RecordSpool';
import type { SealedBatch } from './sealedBatch';

const REQUEST_TIMEOUT_MILLIS = 10_000;
/** Statuses by which a receiver says that it can never take a batch as it is. */
const REFUSING_STATUSES = new Set([400, 413, 422]);

type Outcome =
  | { kind: 'delivered'; duplicate: boolean }
  | { kind: 'refused'; statusCode: number; answer: string }
  | { kind: 'retry' };

const receipt: z.ZodType<Pick<RecordReceipt, 'duplicate'>> = z.object({
  duplicate: z.boolean(),
});

/**
 * Sends batches one after the other: those of this process, and those that earlier ones left
 * on disk. A batch is repeated, the same, until its receipt is there, so that each record
 * counts once at a receiver that remembers sequence numbers. One that is refused for good is
 * halved until what cannot be taken is alone.
 */
export class RecordSender {
  readonly #buffer: RecordBuffer;
  readonly #spool: RecordSpool;
  readonly #url: string;
  readonly #token: string;
  readonly #logger: Logger;
  readonly #intervalMillis: number;
  readonly #dispatcher: Dispatcher | undefined;
  readonly #stop = new AbortController();
  /** The file of an earlier process that is being sent. */
  #spooled: { name: string; queue: BatchQueue } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #waitsBecause = '';
  #stopping = false;

  constructor(options: {
    buffer: RecordBuffer;
    spool: RecordSpool;
    controlPlaneUrl: string;
    token: string;
    logger: Logger;
    /** How long records are gathered before they are sent. */
    intervalMillis: number;
    dispatcher?: Dispatcher;
  }) {
    this.#buffer = options.buffer;
    this.#spool = options.spool;
    this.#url = new URL(
      '/api/ai-monitoring/records',
      options.controlPlaneUrl,
    ).toString();
    this.#token = options.token;
    this.#logger = options.logger;
    this.#intervalMillis = options.intervalMillis;
    this.#dispatcher = options.dispatcher;
  }

  start(): void {
    this.#schedule(this.#intervalMillis);
  }

  /**
   * Sends what is there, gives up at the first failure or when the signal says so, and leaves
   * the rest on disk for the next start.
   */
  async stop(signal: AbortSignal): Promise<void> {
    clearTimeout(this.#timer);
    const onAbort = () => this.#stop.abort();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#stopping = true;
    await this.#running;
    while (!signal.aborted && (await this.#sendOwn()));
    signal.removeEventListener('abort', onAbort);
    this.#buffer.seal();
    await this.#spool.save(this.#buffer.queue);
  }

  #schedule(delayMillis: number): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#sendAll()
        .catch(error =>
          this.#logger.error('records were not sent', {
            error: errorMessage(error),
          }),
        )
        .finally(() => {
          this.#running = undefined;
          this.#schedule(
            this.#failures === 0
              ? this.#intervalMillis
              : backoffMillis(this.#failures, this.#intervalMillis),
          );
        });
    }, delayMillis);
  }

  async #sendAll(): Promise<void> {
    while (!this.#stopping && (await this.#sendOwn()));
    while (!this.#stopping && this.#failures === 0) {
      this.#spooled ??= await this.#spool.openOldest();
      if (!this.#spooled) return;
      const { name, queue } = this.#spooled;
      while (await this.#sendHead(queue));
      if (this.#failures > 0) return;
      await this.#spool.remove(name);
      this.#spooled = undefined;
      // What happens now does not wait for what happened before.
      while (!this.#stopping && (await this.#sendOwn()));
    }
  }

  async #sendOwn(): Promise<boolean> {
    const { queue } = this.#buffer;
    if (queue.batches.length === 0) this.#buffer.seal();
    return this.#sendHead(queue);
  }

  /** @returns whether there may be more to send right away. */
  async #sendHead(queue: BatchQueue): Promise<boolean> {
    const batch = queue.head();
    if (batch === undefined) return false;
    const outcome = await this.#post(queue, batch);
    if (outcome.kind === 'retry') {
      this.#failures++;
      return false;
    }
    this.#failures = 0;
    if (outcome.kind === 'delivered') {
      queue.acknowledge(batch, !outcome.duplicate);
    } else {
      this.#refuse(queue, batch, outcome);
    }
    return true;
  }

  #refuse(
    queue: BatchQueue,
    batch: SealedBatch,
    { statusCode, answer }: { statusCode: number; answer: string },
  ): void {
    const refusal = queue.refuse(batch);
    if (refusal.kind === 'halved') {
      this.#logger.debug('a batch of records was refused and is halved', {
        statusCode,
        sequence: batch.sequence,
        records: batch.records,
      });
      return;
    }
    const [group] = batch.groups;
    this.#logger.warn('records were refused for good and are given up', {
      statusCode,
      producer: queue.producer,
      sequence: batch.sequence,
      model: group?.model,
      version: group?.version,
      records: refusal.records,
      samples: refusal.samples,
      answer,
    });
  }

  async #post(queue: BatchQueue, batch: SealedBatch): Promise<Outcome> {
    try {
      const response = await request(this.#url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(queue.toWire(batch, new Date())),
        headersTimeout: REQUEST_TIMEOUT_MILLIS,
        bodyTimeout: REQUEST_TIMEOUT_MILLIS,
        dispatcher: this.#dispatcher,
        signal: this.#stop.signal,
      });
      const text = await response.body.text();
      const { statusCode } = response;
      if (statusCode >= 200 && statusCode < 300) {
        const { duplicate } = receipt.parse(JSON.parse(text));
        return { kind: 'delivered', duplicate };
      }
      const answer = text.slice(0, 500);
      if (REFUSING_STATUSES.has(statusCode)) {
        return { kind: 'refused', statusCode, answer };
      }
      this.#logWait(describeStatus(statusCode), {
        statusCode,
        sequence: batch.sequence,
        records: batch.records,
        answer,
      });
      return { kind: 'retry' };
    } catch (error) {
      this.#logWait(describeFailure(error), { error: errorMessage(error) });
      return { kind: 'retry' };
    }
  }

  /** Loudly once for each reason, however often it is tried again. */
  #logWait(reason: string, details: LogFields): void {
    const isNews = this.#failures === 0 || reason !== this.#waitsBecause;
    this.#waitsBecause = reason;
    this.#logger[isNews ? 'warn' : 'debug'](`records wait: ${reason}`, details);
  }
}
