import type { LoggerService } from '@backstage/backend-plugin-api';
import { PollingLoop } from '@greenroom/ai-node';
import type { PromotionEngine } from './PromotionEngine';
import type { PromotionStore } from './PromotionStore';
import type { PromotionWatcher } from './PromotionWatcher';

const POLL_INTERVAL_MILLIS = 2_000;

/** Keeps promotions moving; several replicas share the work. */
export class PromotionWorker {
  readonly #engine: PromotionEngine;
  readonly #store: PromotionStore;
  readonly #watcher: PromotionWatcher;
  readonly #loop: PollingLoop;

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
    this.#loop = new PollingLoop({
      name: 'promotions',
      intervalMillis: options.intervalMillis ?? POLL_INTERVAL_MILLIS,
      logger: options.logger,
      run: signal => this.runOnce(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** There is something to do. */
  wake(): void {
    this.#loop.wake();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Takes every step that can be taken now. */
  async runOnce(signal: AbortSignal): Promise<void> {
    await this.#watcher.look();
    let worked = true;
    while (worked && !signal.aborted) {
      worked = await this.#store.workOnNext(id =>
        this.#engine.advance(id, signal),
      );
    }
  }
}
