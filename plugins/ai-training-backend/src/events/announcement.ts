import type { SignalsService } from '@backstage/plugin-signals-node';
import type { ChangeLog } from '@greenroom/ai-node';
import {
  type ExperimentChangedSignal,
  type JobChangedSignal,
  type RetrainingChangedSignal,
  SIGNAL_CHANNEL,
  type TemplateChangedSignal,
} from '@greenroom/plugin-ai-training-common';

/** What open pages are told of changes. */
export type Announcement =
  | ExperimentChangedSignal
  | JobChangedSignal
  | RetrainingChangedSignal
  | TemplateChangedSignal;

export type TrainingChanges = ChangeLog<Announcement>;

/** Tells open pages. */
export function createAnnouncer(options: {
  signals: SignalsService;
}): (announcement: Announcement) => Promise<void> {
  return announcement =>
    options.signals.publish({
      recipients: { type: 'broadcast' },
      channel: SIGNAL_CHANNEL,
      message: { ...announcement },
    });
}
