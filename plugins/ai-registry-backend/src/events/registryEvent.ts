import type {
  EnvironmentChangedEvent,
  ModelChangedEvent,
  PromotionChangedSignal,
} from '@greenroom/plugin-ai-registry-common';

/** Something that happened in the registry, as it is kept for ever. */
export interface RegistryEvent {
  /** What was done: noun and past participle, e.g. `version-created`. */
  action: string;
  model: string;
  /** Entity ref of the user, or `service:<subject>`. */
  actor: string;
  /** What the change replaced; undefined when there was nothing. */
  before?: object;
  /** What the change put there; undefined when it took something away. */
  after?: object;
  /** Who is told after the commit: other plugins and open pages. */
  announce: Announcement[];
}

export type Announcement =
  | ModelChangedEvent
  | EnvironmentChangedEvent
  | PromotionChangedSignal;
