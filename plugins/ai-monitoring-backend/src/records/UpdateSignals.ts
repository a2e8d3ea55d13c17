import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  SIGNAL_CHANNEL,
  type WindowUpdatedSignal,
} from '@greenroom/plugin-ai-monitoring-common';

const SHORTEST_PAUSE_MILLIS = 1_000;

interface Pending {
  environment: string;
  model: string;
  versions: Set<number>;
}

/** Tells open pages that there is something new, at most once a second a model. */
export class UpdateSignals {
  readonly #signals: SignalsService;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;
  /** Models told of within the last second, with what has come since. */
  readonly #resting = new Map<
    string,
    { timer: NodeJS.Timeout; pending?: Pending }
  >();

  constructor(options: {
    signals: SignalsService;
    logger: LoggerService;
    clock: () => Date;
  }) {
    this.#signals = options.signals;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  notify(news: { environment: string; model: string; version: number }): void {
    const { environment, model, version } = news;
    const key = `${environment}/${model}`;
    const resting = this.#resting.get(key);
    if (!resting) {
      this.#send(key, { environment, model, versions: new Set([version]) });
      return;
    }
    resting.pending ??= { environment, model, versions: new Set() };
    resting.pending.versions.add(version);
  }

  stop(): void {
    for (const { timer } of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  #send(key: string, news: Pending): void {
    const timer = setTimeout(() => {
      const pending = this.#resting.get(key)?.pending;
      this.#resting.delete(key);
      if (pending) this.#send(key, pending);
    }, SHORTEST_PAUSE_MILLIS);
    this.#resting.set(key, { timer });
    const { environment, model, versions } = news;
    const message: WindowUpdatedSignal = {
      type: 'window-updated',
      environment,
      model,
      versions: [...versions].sort((a, b) => a - b),
      at: this.#clock().toISOString(),
    };
    this.#signals
      .publish({
        recipients: { type: 'broadcast' },
        channel: SIGNAL_CHANNEL,
        message: { ...message },
      })
      .catch(error =>
        this.#logger.warn(
          'Open pages could not be told of new records',
          toError(error),
        ),
      );
  }
}
