import type { EventsService } from '@backstage/plugin-events-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { ChangeLog } from '@greenroom/ai-node';
import {
  type DataPlaneChangedEvent,
  type DeploymentChangedEvent,
  type RolloutChangedEvent,
  SIGNAL_CHANNEL,
  TOPIC_DATA_PLANE_CHANGED,
  TOPIC_DEPLOYMENT_CHANGED,
  TOPIC_ROLLOUT_CHANGED,
} from '@greenroom/plugin-ai-inference-common';

/** What other plugins and open pages are told of changes. */
export type Announcement =
  | RolloutChangedEvent
  | DeploymentChangedEvent
  | DataPlaneChangedEvent;

const TOPICS: Record<Announcement['type'], string> = {
  'rollout-changed': TOPIC_ROLLOUT_CHANGED,
  'deployment-changed': TOPIC_DEPLOYMENT_CHANGED,
  'data-plane-changed': TOPIC_DATA_PLANE_CHANGED,
};

export type InferenceChanges = ChangeLog<Announcement>;

/** Tells other backends and open pages. */
export function createAnnouncer(options: {
  events: EventsService;
  signals: SignalsService;
}): (announcement: Announcement) => Promise<void> {
  const { events, signals } = options;
  return async announcement => {
    await events.publish({
      topic: TOPICS[announcement.type],
      eventPayload: announcement,
    });
    await signals.publish({
      recipients: { type: 'broadcast' },
      channel: SIGNAL_CHANNEL,
      message: { ...announcement },
    });
  };
}
