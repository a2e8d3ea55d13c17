import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { DataPlaneWaker } from './DataPlaneWaker';
import type { RunFinisher } from './RunFinisher';

/** Somebody may have stopped it since. */
const WAKE_AGAIN_MILLIS = 15_000;

/** Looks after runs: finishes them, and sees that data planes are there for those that wait. */
export class RunKeeper {
  readonly #finisher: Pick<RunFinisher, 'look'>;
  readonly #waker: DataPlaneWaker;
  readonly #logger: LoggerService;
  readonly #told = new Map<string, { atMillis: number; what: string }>();

  constructor(options: {
    finisher: Pick<RunFinisher, 'look'>;
    waker: DataPlaneWaker;
    logger: LoggerService;
  }) {
    this.#finisher = options.finisher;
    this.#waker = options.waker;
    this.#logger = options.logger;
  }

  async run(signal: AbortSignal): Promise<void> {
    const open = await this.#finisher.look(signal);
    const waiting = new Set(
      open
        .filter(({ state }) => state.phase === 'queued')
        .map(({ environment }) => environment),
    );
    for (const environment of this.#told.keys()) {
      if (!waiting.has(environment)) this.#told.delete(environment);
    }
    for (const environment of waiting) await this.#wake(environment);
  }

  /** What runs of an environment wait for that no data plane has, in a sentence. */
  waitingFor(environment: string): string {
    return (
      this.#told.get(environment)?.what ??
      `A data plane of ${environment} is to take it.`
    );
  }

  async #wake(environment: string): Promise<void> {
    const atMillis = performance.now();
    const last = this.#told.get(environment);
    if (last && atMillis - last.atMillis < WAKE_AGAIN_MILLIS) return;
    try {
      const what = await this.#waker.wake(environment);
      this.#told.set(environment, { atMillis, what });
    } catch (error) {
      const { message } = toError(error);
      this.#logger.warn(
        `It could not be seen to that ${environment} has a data plane`,
        { error: message },
      );
      this.#told.set(environment, {
        atMillis,
        what: `It cannot be told whether ${environment} has a data plane: ${message}`,
      });
    }
  }
}
