import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { type Loop, PollingLoop } from '@greenroom/ai-node';
import type { ClaimedDelivery, DeliveryStore } from './DeliveryStore';
import { decideRetry } from './decideRetry';
import type { Post } from './HttpPoster';
import type { SecretBox } from './SecretBox';
import { sendOnce } from './sendOnce';

/** Commits wake the sender; the interval is for tries that have become due. */
const INTERVAL_MILLIS = 1_000;
const TIDY_INTERVAL_MILLIS = 60_000;
/** Tries of this process at once. */
const MOST_TRIES = 32;
/** Of these, how many may be of hooks that have failed before: they may all hang, and the others go on. */
const MOST_TRIES_OF_FAILING = 16;
/** Of one hook, by all processes. */
const MOST_TRIES_PER_HOOK = 4;
/** Deliveries of one hook that may wait. */
const MOST_WAITING = 1_000;
/** Deliveries of one hook that are remembered. */
const MOST_KEPT = 5_000;

/**
 * Sends what waits to be sent: at least once, under the same id, and in no promised order. Processes share the
 * work, and what one of them was doing when it was killed another one does again.
 */
export class WebhookSender implements Loop {
  readonly #deliveries: DeliveryStore;
  readonly #secrets: SecretBox;
  readonly #post: Post;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;
  readonly #mostWaiting: number;
  readonly #sending: PollingLoop;
  readonly #tidying: PollingLoop;
  readonly #stopped = new AbortController();
  readonly #tries = new Map<string, { failing: boolean; end: Promise<void> }>();

  constructor(options: {
    deliveries: DeliveryStore;
    secrets: SecretBox;
    post: Post;
    logger: LoggerService;
    clock?: () => Date;
    mostWaiting?: number;
  }) {
    const { logger } = options;
    this.#deliveries = options.deliveries;
    this.#secrets = options.secrets;
    this.#post = options.post;
    this.#logger = logger;
    this.#clock = options.clock ?? (() => new Date());
    this.#mostWaiting = options.mostWaiting ?? MOST_WAITING;
    this.#sending = new PollingLoop({
      name: 'Sending to web hooks',
      intervalMillis: INTERVAL_MILLIS,
      logger,
      run: () => this.#startTries(),
    });
    this.#tidying = new PollingLoop({
      name: 'Forgetting deliveries of web hooks',
      intervalMillis: TIDY_INTERVAL_MILLIS,
      logger,
      run: () => this.tidy(),
    });
  }

  start(): void {
    this.#sending.start();
    this.#tidying.start();
  }

  /** There may be something to send. */
  wake(): void {
    this.#sending.wake();
  }

  /** Breaks off what is being sent; it is sent again by whoever comes next. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([this.#sending.stop(), this.#tidying.stop()]);
    await Promise.all([...this.#tries.values()].map(({ end }) => end));
  }

  /** Keeps the numbers of those that wait, and of those that are remembered, within bounds. */
  async tidy(): Promise<void> {
    const dropped = await this.#deliveries.tidy({
      waiting: this.#mostWaiting,
      kept: MOST_KEPT,
    });
    if (dropped > 0) {
      this.#logger.warn(
        `${dropped} deliveries of web hooks were dropped, since more than ${
          this.#mostWaiting
        } waited for one receiver: each hook says how many it has lost`,
      );
    }
  }

  /** Does not wait for their ends: one that hangs holds up no other. */
  async #startTries(): Promise<void> {
    for (const failing of [false, true]) {
      const claims = await this.#deliveries.claim({
        failing,
        limit: this.#freeTries(failing),
        perHook: failing ? 1 : MOST_TRIES_PER_HOOK,
      });
      for (const claim of claims) {
        const end = this.#try(claim).finally(() => {
          this.#tries.delete(claim.id);
          this.#sending.wake();
        });
        this.#tries.set(claim.id, { failing, end });
      }
    }
  }

  #freeTries(failing: boolean): number {
    const free = MOST_TRIES - this.#tries.size;
    if (!failing) return free;
    const ofFailing = [...this.#tries.values()].filter(one => one.failing);
    return Math.min(free, MOST_TRIES_OF_FAILING - ofFailing.length);
  }

  /** Never throws: what could not be remembered is tried again when its lease has ended. */
  async #try(claim: ClaimedDelivery): Promise<void> {
    try {
      const outcome = await sendOnce(claim, {
        at: this.#clock(),
        secrets: this.#secrets,
        post: this.#post,
        signal: this.#stopped.signal,
      });
      const againMillis =
        outcome.error === undefined
          ? undefined
          : decideRetry(claim, Math.random());
      await this.#deliveries.finish(claim, outcome, againMillis);
    } catch (error) {
      if (!this.#stopped.signal.aborted) {
        this.#logger.error(
          `What became of the delivery ${claim.id} of a web hook could not be kept: it is sent again`,
          toError(error),
        );
        return;
      }
      await this.#deliveries.giveBack(claim).catch(() => {});
    }
  }
}
