import { errorMessage } from '../errors';
import type { LogFields, Logger } from '../logger';
import { backoffMillis } from '../snapshot/backoff';
import type { BatchQueue } from './BatchQueue';
import type { LostCounts } from './LossCount';
import type { RecordBuffer } from './RecordBuffer';
import type { RecordSink } from './RecordSink';
import type { RecordSpool } from './RecordSpool';
import type { SealedBatch } from './sealedBatch';

/**
 * Sends batches one after the other: those of this process, and those that earlier ones left
 * on disk. A batch is repeated, the same, until its receipt is there, so that each record
 * counts once at a receiver that remembers sequence numbers. One that is refused for good is
 * halved until what cannot be taken is alone.
 */
export class RecordSender {
  readonly #buffer: RecordBuffer;
  readonly #spool: RecordSpool;
  readonly #sink: RecordSink;
  readonly #logger: Logger;
  readonly #intervalMillis: number;
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
    sink: RecordSink;
    logger: Logger;
    /** How long records are gathered before they are sent. */
    intervalMillis: number;
  }) {
    this.#buffer = options.buffer;
    this.#spool = options.spool;
    this.#sink = options.sink;
    this.#logger = options.logger;
    this.#intervalMillis = options.intervalMillis;
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
    const delivery = await this.#sink.deliver(
      queue.toWire(batch, new Date()),
      this.#stop.signal,
    );
    if (delivery.kind === 'unavailable') {
      this.#logWait(delivery.reason, {
        ...delivery.details,
        sequence: batch.sequence,
        records: batch.counts.records,
      });
      this.#failures++;
      return false;
    }
    this.#failures = 0;
    if (delivery.kind === 'delivered') {
      queue.acknowledge(batch, !delivery.duplicate);
    } else {
      this.#refuse(queue, batch, delivery.reason);
    }
    return true;
  }

  #refuse(queue: BatchQueue, batch: SealedBatch, reason: string): void {
    const refusal = queue.refuse(batch);
    if (refusal.kind === 'halved') {
      this.#logger.debug('a batch of records was refused and is halved', {
        reason,
        sequence: batch.sequence,
        records: batch.counts.records,
      });
      return;
    }
    const [group] = batch.groups;
    this.#logger.warn('records were refused for good and are given up', {
      reason,
      producer: queue.producer,
      sequence: batch.sequence,
      model: group?.model,
      version: group?.version,
      ...countsOf(refusal),
    });
  }

  /** Loudly once for each reason, however often it is tried again. */
  #logWait(reason: string, details: LogFields): void {
    const isNews = this.#failures === 0 || reason !== this.#waitsBecause;
    this.#waitsBecause = reason;
    this.#logger[isNews ? 'warn' : 'debug'](`records wait: ${reason}`, details);
  }
}

/** How much of each kind that a log line names: records and rows always, of the others what there is. */
function countsOf(lost: LostCounts): LogFields {
  const { records, samples, copies, predictions, outcomes } = lost;
  return {
    records,
    samples,
    ...(copies > 0 && { copies }),
    ...(predictions > 0 && { predictions }),
    ...(outcomes > 0 && { outcomes }),
  };
}
