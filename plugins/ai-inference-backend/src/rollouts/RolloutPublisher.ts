import type { LoggerService } from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  type RolloutChangedEvent,
  SIGNAL_CHANNEL,
  TOPIC_ROLLOUT_CHANGED,
} from '@greenroom/plugin-ai-inference-common';
import type { RolloutRecord } from './rollout';

/** Tells the log, other backends and open pages that a rollout started, took a step or ended. */
export class RolloutPublisher {
  readonly #events: EventsService;
  readonly #signals: SignalsService;
  readonly #logger: LoggerService;

  constructor(options: {
    events: EventsService;
    signals: SignalsService;
    logger: LoggerService;
  }) {
    this.#events = options.events;
    this.#signals = options.signals;
    this.#logger = options.logger;
  }

  /** Called after the change is committed. Nothing that reads the tables depends on it. */
  async publish(rollouts: RolloutRecord[]): Promise<void> {
    for (const rollout of rollouts) {
      const message = toRolloutChangedEvent(rollout);
      this.#logger.info(
        `'${rollout.model}' in ${rollout.environment}: ${
          rollout.history.at(-1)?.note
        }`,
        { rolloutId: rollout.id, phase: rollout.state.phase },
      );
      await this.#events.publish({
        topic: TOPIC_ROLLOUT_CHANGED,
        eventPayload: message,
      });
      await this.#signals.publish({
        recipients: { type: 'broadcast' },
        channel: SIGNAL_CHANNEL,
        message: { ...message },
      });
    }
  }
}

/** The last thing that happened to a rollout. */
export function toRolloutChangedEvent(
  rollout: RolloutRecord,
): RolloutChangedEvent {
  const last = rollout.history.at(-1);
  return {
    type: 'rollout-changed',
    environment: rollout.environment,
    model: rollout.model,
    rolloutId: rollout.id,
    toVersion: rollout.toVersion,
    ...(rollout.fromVersion !== undefined && {
      fromVersion: rollout.fromVersion,
    }),
    phase: rollout.state.phase,
    weightPercent: last?.weightPercent ?? 0,
    at: last?.at ?? rollout.startedAt,
  };
}
