import type { Environment } from './environment';
import type { Model } from './model';
import type {
  DesiredDeployment,
  EnvironmentProblem,
  Gate,
  NewVersionPolicy,
  Promotion,
} from './promotion';

/** Which models a page of the pipeline has. */
export interface PipelineQuery {
  /** Words to find in name, title, description and tags. */
  search?: string;
  owner?: string;
  /** 1 to 50, which it is when left out. */
  limit?: number;
  cursor?: string;
}

/** How versions move from environment to environment. */
export interface Pipeline {
  /** In the order of promotion. */
  environments: PipelineEnvironment[];
  items: PipelineRow[];
  totalItems: number;
  nextCursor?: string;
}

export interface PipelineEnvironment {
  name: Environment;
  title: string;
  promotesFrom?: Environment;
  newVersions?: NewVersionPolicy;
  /** Nothing is merged for it now. */
  freeze?: { reason: string; until?: string };
}

export interface PipelineRow {
  model: Pick<Model, 'name' | 'title' | 'owner' | 'latestVersion'>;
  /** One for each environment, in their order. */
  stops: PipelineStop[];
}

/** A model in an environment. */
export interface PipelineStop {
  environment: Environment;
  /** What Git asks for; undefined where it asks for nothing. */
  deployment?: DesiredDeployment;
  /** Why the manifest there is not applied. */
  problem?: EnvironmentProblem;
  /** The newest one that is neither closed nor completed. */
  promotion?: Pick<
    Promotion,
    'id' | 'kind' | 'version' | 'state' | 'automation' | 'createdAt'
  > & { gates: Pick<Gate, 'id' | 'title' | 'status' | 'until'>[] };
  /** The version that could come next; undefined where there is none. */
  next?: NextVersion;
}

export type NextVersion = { version: number } & (
  | { eligible: true }
  | {
      eligible: false;
      /** A sentence for people. */
      reason: string;
      /** When that has passed by itself, as far as it is known; ISO 8601. */
      until?: string;
    }
);
