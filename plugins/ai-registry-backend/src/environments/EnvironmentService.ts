import type {
  DesiredDeployments,
  Environment,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { DeploymentStore } from './DeploymentStore';

/** What can be asked about environments. */
export interface EnvironmentService {
  /** What Git says should run, and what of it cannot be applied. */
  deployments(
    environment: Environment,
    options: CallOptions,
  ): Promise<DesiredDeployments>;
}

/** Does what it is asked; {@link AuthorizedEnvironmentService} asks whether it may. */
export class DefaultEnvironmentService implements EnvironmentService {
  readonly #deployments: DeploymentStore;

  constructor(options: { deployments: DeploymentStore }) {
    this.#deployments = options.deployments;
  }

  async deployments(environment: Environment): Promise<DesiredDeployments> {
    const [items, problems] = await Promise.all([
      this.#deployments.list({ environment }),
      this.#deployments.problems({ environment }),
    ]);
    return { items, problems };
  }
}
