import type { EventsService } from '@backstage/plugin-events-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { ChangeLog } from '@greenroom/ai-node';
import {
  type HealthChangedEvent,
  SIGNAL_CHANNEL,
  TOPIC_HEALTH_CHANGED,
} from '@greenroom/plugin-ai-monitoring-common';

/** What other plugins and open pages are told of changes. */
export type Announcement = HealthChangedEvent;

export type MonitoringChanges = ChangeLog<Announcement>;

/** Tells other backends and open pages. */
export function createAnnouncer(options: {
  events: EventsService;
  signals: SignalsService;
}): (announcement: Announcement) => Promise<void> {
  const { events, signals } = options;
  return async announcement => {
    await events.publish({
      topic: TOPIC_HEALTH_CHANGED,
      eventPayload: announcement,
    });
    await signals.publish({
      recipients: { type: 'broadcast' },
      channel: SIGNAL_CHANNEL,
      message: { ...announcement },
    });
  };
}
