import type { EventsService } from '@backstage/plugin-events-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  SIGNAL_CHANNEL,
  TOPIC_ENVIRONMENT_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { Announcement } from './registryEvent';

const BATCH_SIZE = 100;

/**
 * Sends what committed changes left in the outbox. Each announcement is sent at
 * least once: a crash between sending and forgetting sends it again.
 */
export class EventPublisher {
  readonly #knex: Knex;
  readonly #events: EventsService;
  readonly #signals: SignalsService;

  constructor(options: {
    knex: Knex;
    events: EventsService;
    signals: SignalsService;
  }) {
    this.#knex = options.knex;
    this.#events = options.events;
    this.#signals = options.signals;
  }

  /** Sends everything that waits; replicas share the work. */
  async publishPending(signal?: AbortSignal): Promise<void> {
    let sent = BATCH_SIZE;
    while (sent === BATCH_SIZE && !signal?.aborted) {
      sent = await this.#publishBatch();
    }
  }

  async #publishBatch(): Promise<number> {
    return this.#knex.transaction(async tx => {
      const { rows } = await tx.raw<{
        rows: { id: string; announcement: Announcement }[];
      }>(
        `delete from event_outbox where id in (
           select id from event_outbox order by id limit ? for update skip locked
         ) returning id, announcement`,
        [BATCH_SIZE],
      );
      rows.sort((one, other) => Number(one.id) - Number(other.id));
      for (const { announcement } of rows) {
        await this.#publish(announcement);
      }
      return rows.length;
    });
  }

  async #publish(announcement: Announcement): Promise<void> {
    switch (announcement.type) {
      case 'model-changed':
        await this.#events.publish({
          topic: TOPIC_MODEL_CHANGED,
          eventPayload: announcement,
        });
        await this.#signal({ ...announcement });
        break;
      case 'environment-changed':
        await this.#events.publish({
          topic: TOPIC_ENVIRONMENT_CHANGED,
          eventPayload: announcement,
        });
        break;
      case 'promotion-changed':
        await this.#signal({ ...announcement });
        break;
      default:
        announcement satisfies never;
    }
  }

  async #signal(message: { type: string; model: string }): Promise<void> {
    await this.#signals.publish({
      channel: SIGNAL_CHANNEL,
      recipients: { type: 'broadcast' },
      message,
    });
  }
}
