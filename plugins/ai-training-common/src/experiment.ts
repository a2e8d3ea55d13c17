import type { Lifecycle } from './run';

/** Clients that name no experiment use this one. */
export const DEFAULT_EXPERIMENT = '0';

/** Tag of an experiment that is its description. */
export const DESCRIPTION_TAG = 'mlflow.note.content';

/** Tag by which clients of MLflow say and see who owns an experiment: an entity ref. */
export const OWNER_TAG = 'greenroom.owner';

/** What runs belong to. */
export interface Experiment {
  /** A number. */
  id: string;
  name: string;
  /** Entity ref of the owning group or user; its runs inherit it. */
  owner: string;
  /** URI below which the artifacts of its runs and logged models are. */
  artifactLocation: string;
  lifecycle: Lifecycle;
  tags: Record<string, string>;
  /** ISO 8601. */
  createdAt: string;
  /** Entity ref of a person, or `service:<name>`. */
  createdBy: string;
  /** When it, its tags or its lifecycle last changed, ISO 8601. */
  updatedAt: string;
}

export interface NewExperiment {
  name: string;
  /** Entity ref; whoever asks for it where nobody is named. */
  owner?: string;
  description?: string;
  tags?: Record<string, string>;
  /** Where clients keep artifacts themselves; they are kept here where nothing is named. */
  artifactLocation?: string;
}

/** What may be changed; what is left out stays. */
export interface ExperimentChanges {
  name?: string;
  owner?: string;
  description?: string;
}

export interface ExperimentQuery {
  /** Words to find in the name. */
  search?: string;
  owner?: string;
  /** `active` where nothing is said. */
  lifecycle?: Lifecycle;
  /** 1 to 200; 50 when it is not named. */
  limit?: number;
  cursor?: string;
}

/** The one that was changed last first. */
export interface ExperimentPage {
  items: Experiment[];
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}
