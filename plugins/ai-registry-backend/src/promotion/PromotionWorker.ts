import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop } from '@greenroom/ai-node';
import type { CheckPublisher } from './checks/CheckPublisher';
import type { PromotionEngine } from './PromotionEngine';
import type { PromotionStore } from './PromotionStore';
import type { PromotionWatcher } from './PromotionWatcher';
import type { PushFollower } from './PushFollower';

const POLL_INTERVAL_MILLIS = 2_000;
const PUSHES_INTERVAL_MILLIS = 15_000;

/** Steps wait for Git most of the time; more at once would only compete for the processor. */
const STEPS_AT_ONCE = 4;

/** Each step gives them reason to look, and must not wait for them. */
const MOST_SHARE_OF_LOOKING = 0.2;

/**
 * Keeps promotions moving; several replicas share the work. Promotions take turns, a step
 * at a time, so that none waits for the whole way of another.
 */
export class PromotionWorker {
  readonly #engine: PromotionEngine;
  readonly #store: PromotionStore;
  readonly #watcher: PromotionWatcher;
  readonly #checks: Pick<CheckPublisher, 'run'>;
  readonly #logger: LoggerService;
  readonly #loops: PollingLoop[];
  readonly #pushes: PollingLoop;

  constructor(options: {
    engine: PromotionEngine;
    store: PromotionStore;
    watcher: PromotionWatcher;
    checks: Pick<CheckPublisher, 'run'>;
    pushes: PushFollower;
    logger: LoggerService;
    intervalMillis?: number;
  }) {
    this.#engine = options.engine;
    this.#store = options.store;
    this.#watcher = options.watcher;
    this.#checks = options.checks;
    this.#logger = options.logger;
    const { logger, intervalMillis = POLL_INTERVAL_MILLIS } = options;
    const loop = (name: string, run: (signal: AbortSignal) => Promise<void>) =>
      new PollingLoop({ name, intervalMillis, logger, run });
    const looking = (name: string, run: () => Promise<void>) =>
      new PollingLoop({
        name,
        intervalMillis,
        mostShare: MOST_SHARE_OF_LOOKING,
        logger,
        run,
      });
    // Each look asks for every pushed manifest that has not got anywhere, asleep ones among them.
    this.#pushes = new PollingLoop({
      name: 'following pushes',
      intervalMillis: PUSHES_INTERVAL_MILLIS,
      logger,
      run: signal => options.pushes.look(signal),
    });
    this.#loops = [
      looking('watching promotions', () => this.#watcher.look()),
      looking('telling how promotions stand', () => this.#checks.run()),
      ...Array.from({ length: STEPS_AT_ONCE }, () =>
        loop('promotions', signal => this.#takeSteps(signal)),
      ),
    ];
  }

  start(): void {
    [...this.#loops, this.#pushes].forEach(loop => loop.start());
  }

  /** There is something to do. */
  wake(): void {
    this.#loops.forEach(loop => loop.wake());
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#loops, this.#pushes].map(loop => loop.stop()));
  }

  /** Takes every step that can be taken now. */
  async runOnce(signal: AbortSignal): Promise<void> {
    await this.#watcher.look();
    await this.#takeSteps(signal);
    await this.#checks.run();
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
