export const TOPIC_ROLLOUT_CHANGED = 'ai-inference.rollout-changed';
export const SIGNAL_CHANNEL = 'ai-inference';

/** A rollout started, took a step or ended; also the signal's message. */
export interface RolloutChangedEvent {
  type: 'rollout-changed';
  environment: string;
  model: string;
  rolloutId: string;
  toVersion: number;
  fromVersion?: number;
  phase: string;
  weightPercent: number;
  /** ISO 8601. */
  at: string;
}
