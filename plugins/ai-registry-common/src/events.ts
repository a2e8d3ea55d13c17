/** Backstage event topics and signal channels of the registry. */
export const TOPIC_MODEL_CHANGED = 'ai-registry.model-changed';
export const TOPIC_DATASET_CHANGED = 'ai-registry.dataset-changed';
export const TOPIC_ENVIRONMENT_CHANGED = 'ai-registry.environment-changed';
export const SIGNAL_CHANNEL = 'ai-registry';

/** A model, its versions or its aliases changed; also the signal's message. */
export interface ModelChangedEvent {
  type: 'model-changed';
  model: string;
  action:
    | 'created'
    | 'updated'
    | 'deleted'
    | 'version-created'
    | 'version-changed'
    | 'alias-moved'
    | 'deprecation-changed';
}

/** A dataset or its versions changed; also the signal's message. */
export interface DatasetChangedEvent {
  type: 'dataset-changed';
  dataset: string;
  action: 'created' | 'updated' | 'version-created';
}

/** What Git says should run in an environment changed. */
export interface EnvironmentChangedEvent {
  type: 'environment-changed';
  environment: string;
  model: string;
}

/** A promotion took a step; only a signal. */
export interface PromotionChangedSignal {
  type: 'promotion-changed';
  promotionId: string;
  model: string;
}

/** An evaluation run was asked for, or has ended; only a signal. */
export interface EvaluationRunChangedSignal {
  type: 'evaluation-run-changed';
  run: string;
  model: string;
  version: number;
}

/** A measurement was asked for, or has ended; only a signal. */
export interface MeasurementChangedSignal {
  type: 'measurement-changed';
  measurement: string;
  model: string;
  version: number;
}

export type RegistrySignal =
  | ModelChangedEvent
  | DatasetChangedEvent
  | PromotionChangedSignal
  | EvaluationRunChangedSignal
  | MeasurementChangedSignal;
