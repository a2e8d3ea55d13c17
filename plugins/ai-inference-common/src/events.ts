export const TOPIC_ROLLOUT_CHANGED = 'ai-inference.rollout-changed';
export const TOPIC_DEPLOYMENT_CHANGED = 'ai-inference.deployment-changed';
export const TOPIC_DATA_PLANE_CHANGED = 'ai-inference.data-plane-changed';
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

/** A deployment ended without a step of a rollout, since its manifest is gone; also the signal's message. */
export interface DeploymentChangedEvent {
  type: 'deployment-changed';
  environment: string;
  model: string;
  action: 'withdrawn';
  /** ISO 8601. */
  at: string;
}

/** Somebody asked that an environment's data plane runs or stops, or it is another way by now; also the signal's message. */
export interface DataPlaneChangedEvent {
  type: 'data-plane-changed';
  environment: string;
  /** What was asked; undefined when its state has changed by itself. */
  asked?: 'start' | 'stop';
  /** ISO 8601. */
  at: string;
}
