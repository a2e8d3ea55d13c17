import type { Model } from './model';
import type {
  DesiredDeployment,
  EnvironmentProblem,
  Promotion,
} from './promotion';
import type { ModelVersion } from './version';

/** Everything that the page of a model shows, from one read. */
export interface ModelOverview {
  model: Model;
  /** The newest 100, newest first. */
  versions: ModelVersion[];
  /** 95 % confidence intervals of the primary metric, of the newest versions that were evaluated row by row. */
  intervals: { version: number; interval: [number, number] }[];
  /** What Git says should run, in whichever environment. */
  deployments: DesiredDeployment[];
  /** Manifests of the model that do not count. */
  problems: EnvironmentProblem[];
  /** Promotions and rollbacks that have not ended. */
  openPromotions: Promotion[];
}
