import type { PermissionsService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  aiModelReadPermission,
  type DesiredDeployments,
  type Environment,
  type EnvironmentDefinition,
  type EnvironmentProblem,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { EnvironmentService } from './EnvironmentService';

/** Leaves out the models that the caller may not read. */
export class AuthorizedEnvironmentService implements EnvironmentService {
  readonly #environments: EnvironmentService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    environments: EnvironmentService;
    permissions: PermissionsService;
  }) {
    this.#environments = options.environments;
    this.#permissions = options.permissions;
  }

  /** Names and rules, which everybody may know. */
  list(): readonly EnvironmentDefinition[] {
    return this.#environments.list();
  }

  async deployments(
    where: { environment?: Environment; model?: string },
    options: CallOptions,
  ): Promise<DesiredDeployments> {
    const { items, problems, deprecations } =
      await this.#environments.deployments(where, options);
    const mayRead = await this.#visible([...items, ...problems], options);
    return {
      items: items.filter(mayRead),
      problems: problems.filter(mayRead),
      ...(deprecations && { deprecations: deprecations.filter(mayRead) }),
    };
  }

  async problems(options: CallOptions): Promise<EnvironmentProblem[]> {
    const problems = await this.#environments.problems(options);
    return problems.filter(await this.#visible(problems, options));
  }

  /** Asks once for all models. */
  async #visible(
    about: { model: string }[],
    options: CallOptions,
  ): Promise<(item: { model: string }) => boolean> {
    const models = [...new Set(about.map(({ model }) => model))];
    if (models.length === 0) return () => true;
    const decisions = await this.#permissions.authorize(
      models.map(resourceRef => ({
        permission: aiModelReadPermission,
        resourceRef,
      })),
      options,
    );
    const visible = new Set(
      models.filter((_, i) => decisions[i].result === AuthorizeResult.ALLOW),
    );
    return ({ model }) => visible.has(model);
  }
}
