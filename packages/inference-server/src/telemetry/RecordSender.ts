import type { Dispatcher } from 'undici';
import { request } from 'undici';
import type { Logger } from '../logger';
import { backoffMillis } from '../snapshot/backoff';
import type { RecordBuffer, SealedBatch } from './RecordBuffer';
import { errorMessage } from '../errors';

const REQUEST_TIMEOUT_MILLIS = 10_000;
/** Statuses by which a receiver says that it can never take this batch. */
const HOPELESS_STATUSES = new Set([400, 413, 422]);

type Outcome = 'delivered' | 'hopeless' | 'retry';

/**
 * Sends the buffer's batches one after the other. A batch is repeated, the same, until
 * its receipt is there, so that each record counts once at a receiver that remembers
 * sequence numbers.
 */
export class RecordSender {
  readonly #buffer: RecordBuffer;
  readonly #url: string;
  readonly #token: string;
  readonly #logger: Logger;
  readonly #intervalMillis: number;
  readonly #dispatcher: Dispatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(options: {
    buffer: RecordBuffer;
    controlPlaneUrl: string;
    token: string;
    logger: Logger;
    /** How long records are gathered before they are sent. */
    intervalMillis: number;
    dispatcher?: Dispatcher;
  }) {
    this.#buffer = options.buffer;
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
    this.#stopped = false;
    this.#schedule(this.#intervalMillis);
  }

  /** Sends what is there, gives up at the first failure or when the signal says so. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    while (!signal.aborted && (await this.#sendHead(signal)));
  }

  #schedule(delayMillis: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#sendAll().finally(() => {
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
    while (!this.#stopped && (await this.#sendHead()));
  }

  /** @returns whether there may be more to send right away. */
  async #sendHead(signal?: AbortSignal): Promise<boolean> {
    const batch = this.#buffer.head();
    if (batch === undefined) return false;
    const outcome = await this.#post(batch, signal);
    if (outcome === 'retry') {
      this.#failures++;
      return false;
    }
    this.#failures = 0;
    if (outcome === 'delivered') this.#buffer.acknowledge(batch);
    else this.#buffer.discard(batch);
    return true;
  }

  async #post(batch: SealedBatch, signal?: AbortSignal): Promise<Outcome> {
    try {
      const response = await request(this.#url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(this.#buffer.toWire(batch, new Date())),
        headersTimeout: REQUEST_TIMEOUT_MILLIS,
        bodyTimeout: REQUEST_TIMEOUT_MILLIS,
        dispatcher: this.#dispatcher,
        signal,
      });
      const text = await response.body.text();
      const { statusCode } = response;
      if (statusCode >= 200 && statusCode < 300) return 'delivered';
      const hopeless = HOPELESS_STATUSES.has(statusCode);
      this.#logger.warn('the control plane did not take a batch of records', {
        statusCode,
        sequence: batch.sequence,
        records: batch.records,
        dropped: hopeless,
        answer: text.slice(0, 500),
      });
      return hopeless ? 'hopeless' : 'retry';
    } catch (error) {
      if (this.#failures === 0) {
        this.#logger.warn('records wait: the control plane is away', {
          error: errorMessage(error),
        });
      }
      return 'retry';
    }
  }
}
