import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop } from '@greenroom/ai-node';
import type { PromotionEngine } from './PromotionEngine';
import type { PromotionStore } from './PromotionStore';
import type { PromotionWatcher } from './PromotionWatcher';

const POLL_INTERVAL_MILLIS = 2_000;

/** Steps wait for Git most of the time; more at once would only compete for the processor. */
const STEPS_AT_ONCE = 4;

/**
 * Keeps promotions moving; several replicas share the work. Promotions take turns, a step
 * at a time, so that none waits for the whole way of another.
 */
export class PromotionWorker {
  readonly #engine: PromotionEngine;
  readonly #store: PromotionStore;
  readonly #watcher: PromotionWatcher;
  readonly #logger: LoggerService;
  readonly #loops: PollingLoop[];

  constructor(options: {
    engine: PromotionEngine;
    store: PromotionStore;
    watcher: PromotionWatcher;
    logger: LoggerService;
    intervalMillis?: number;
  }) {
    this.#engine = options.engine;
    this.#store = options.store;
    this.#watcher = options.watcher;
    this.#logger = options.logger;
    const { logger, intervalMillis = POLL_INTERVAL_MILLIS } = options;
    const loop = (name: string, run: (signal: AbortSignal) => Promise<void>) =>
      new PollingLoop({ name, intervalMillis, logger, run });
    this.#loops = [
      loop('watching promotions', () => this.#watcher.look()),
      ...Array.from({ length: STEPS_AT_ONCE }, () =>
        loop('promotions', signal => this.#takeSteps(signal)),
      ),
    ];
  }

  start(): void {
    this.#loops.forEach(loop => loop.start());
  }

  /** There is something to do. */
  wake(): void {
    this.#loops.forEach(loop => loop.wake());
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map(loop => loop.stop()));
  }

  /** Takes every step that can be taken now. */
  async runOnce(signal: AbortSignal): Promise<void> {
    await this.#watcher.look();
    await this.#takeSteps(signal);
  }

  async #takeSteps(signal: AbortSignal): Promise<void> {
    let worked = true;
    while (worked && !signal.aborted) {
      worked = await this.#takeStep(signal);
    }
  }

  async #takeStep(signal: AbortSignal): Promise<boolean> {
    let taken: string | undefined;
    try {
      return await this.#store.work.workOnNext((id, until) => {
        taken = id;
        return this.#engine.advance(id, until);
      }, signal);
    } catch (error) {
      if (signal.aborted || taken === undefined) throw error;
      this.#logger.error(
        `Promotion '${taken}' could not be worked on and will be tried again`,
        toError(error),
      );
      return true;
    }
  }
}
