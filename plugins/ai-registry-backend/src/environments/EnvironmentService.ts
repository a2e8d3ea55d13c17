import type {
  DesiredDeployments,
  Environment,
  EnvironmentDefinition,
  EnvironmentProblem,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import {
  type DesiredDeploymentStore,
  toDesired,
} from './DesiredDeploymentStore';

/** What can be asked about environments. */
export interface EnvironmentService {
  /** In the order of promotion. */
  list(): readonly EnvironmentDefinition[];
  /** What Git says should run, and what of it cannot be applied. */
  deployments(
    where: { environment?: Environment; model?: string },
    options: CallOptions,
  ): Promise<DesiredDeployments>;
  /** What cannot be applied of the whole repository, also in folders of no environment. */
  problems(options: CallOptions): Promise<EnvironmentProblem[]>;
}

/** Does what it is asked; {@link AuthorizedEnvironmentService} asks whether it may. */
export class DefaultEnvironmentService implements EnvironmentService {
  readonly #deployments: DesiredDeploymentStore;
  readonly #environments: Environments;

  constructor(options: {
    deployments: DesiredDeploymentStore;
    environments: Environments;
  }) {
    this.#deployments = options.deployments;
    this.#environments = options.environments;
  }

  list(): readonly EnvironmentDefinition[] {
    return this.#environments.all;
  }

  async deployments(where: {
    environment?: Environment;
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
