import type { EventsService } from '@backstage/plugin-events-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { ChangeLog } from '@greenroom/ai-node';
import {
  type DatasetChangedEvent,
  type EnvironmentChangedEvent,
  type EvaluationRunChangedSignal,
  type MeasurementChangedSignal,
  type ModelChangedEvent,
  type PromotionChangedSignal,
  SIGNAL_CHANNEL,
  TOPIC_DATASET_CHANGED,
  TOPIC_ENVIRONMENT_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';

/** What other plugins and open pages are told of changes in the registry. */
export type Announcement =
  | ModelChangedEvent
  | DatasetChangedEvent
  | EnvironmentChangedEvent
  | PromotionChangedSignal
  | EvaluationRunChangedSignal
  | MeasurementChangedSignal;

export type RegistryChanges = ChangeLog<Announcement>;

/** Tells each kind to those who wait for it. */
export function createAnnouncer(options: {
  events: EventsService;
  signals: SignalsService;
}): (announcement: Announcement) => Promise<void> {
  const { events, signals } = options;
  const signal = (message: {
    type: string;
    [field: string]: string | number;
  }) =>
    signals.publish({
      channel: SIGNAL_CHANNEL,
      recipients: { type: 'broadcast' },
      message,
    });
  return async announcement => {
    switch (announcement.type) {
      case 'model-changed':
        await events.publish({
          topic: TOPIC_MODEL_CHANGED,
          eventPayload: announcement,
        });
        await signal({ ...announcement });
        break;
      case 'dataset-changed':
        await events.publish({
          topic: TOPIC_DATASET_CHANGED,
          eventPayload: announcement,
        });
        await signal({ ...announcement });
        break;
      case 'environment-changed':
        await events.publish({
          topic: TOPIC_ENVIRONMENT_CHANGED,
          eventPayload: announcement,
        });
        break;
      case 'promotion-changed':
      case 'evaluation-run-changed':
      case 'measurement-changed':
        await signal({ ...announcement });
        break;
      default:
        announcement satisfies never;
    }
  };
}
