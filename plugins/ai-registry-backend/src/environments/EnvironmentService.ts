import type {
  DesiredDeployments,
  Environment,
  EnvironmentDefinition,
  EnvironmentProblem,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { DeprecationStore } from '../deprecations/DeprecationStore';
import type { CallOptions } from '../models/ModelService';
import {
  type DesiredDeploymentStore,
  toDesired,
} from './DesiredDeploymentStore';

/** What can be asked about environments. */
export interface EnvironmentService {
  /** In the order of promotion. */
  list(): readonly EnvironmentDefinition[];
  /** What Git says should run, what of it cannot be applied, and what of it is deprecated. */
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
  readonly #deprecations: Pick<DeprecationStore, 'listOf'>;
  readonly #environments: Environments;

  constructor(options: {
    deployments: DesiredDeploymentStore;
    deprecations: Pick<DeprecationStore, 'listOf'>;
    environments: Environments;
  }) {
    this.#deployments = options.deployments;
    this.#deprecations = options.deprecations;
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
    const deprecations = await this.#deprecations.listOf([
      ...new Set(items.map(({ model }) => model)),
    ]);
    return { items: items.map(toDesired), problems, deprecations };
  }

  async problems(): Promise<EnvironmentProblem[]> {
    return this.#deployments.problems();
  }
}
