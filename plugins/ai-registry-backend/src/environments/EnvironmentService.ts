import type {
  DesiredDeployments,
  Environment,
  EnvironmentProblem,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import { type DeploymentStore, toDesired } from './DeploymentStore';

/** What can be asked about environments. */
export interface EnvironmentService {
  /** What Git says should run, and what of it cannot be applied. */
  deployments(
    where: { environment: Environment; model?: string },
    options: CallOptions,
  ): Promise<DesiredDeployments>;
  /** What cannot be applied of the whole repository, also in folders of no environment. */
  problems(options: CallOptions): Promise<EnvironmentProblem[]>;
}

/** Does what it is asked; {@link AuthorizedEnvironmentService} asks whether it may. */
export class DefaultEnvironmentService implements EnvironmentService {
  readonly #deployments: DeploymentStore;

  constructor(options: { deployments: DeploymentStore }) {
    this.#deployments = options.deployments;
  }

  async deployments(where: {
    environment: Environment;
    model?: string;
  }): Promise<DesiredDeployments> {
    const [items, problems] = await Promise.all([
      this.#deployments.list(where),
      this.#deployments.problems(where),
    ]);
    return { items: items.map(toDesired), problems };
  }

  async problems(): Promise<EnvironmentProblem[]> {
    return this.#deployments.problems();
  }
}
