import type { HealthStatus } from './types';

export const TOPIC_HEALTH_CHANGED = 'ai-monitoring.health-changed';
export const SIGNAL_CHANNEL = 'ai-monitoring';

/** New records of a model were rolled up; refetch what is on the screen. */
export interface WindowUpdatedSignal {
  type: 'window-updated';
  environment: string;
  model: string;
  versions: number[];
  /** ISO 8601. */
  at: string;
}

/** A model became better or worse; also the signal's message. */
export interface HealthChangedEvent {
  type: 'health-changed';
  environment: string;
  model: string;
  status: HealthStatus;
  /** What it was until now. */
  before: HealthStatus;
}
