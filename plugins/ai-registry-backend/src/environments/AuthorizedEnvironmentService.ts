import type { PermissionsService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  aiModelReadPermission,
  type DesiredDeployments,
  type Environment,
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

  async deployments(
    environment: Environment,
    options: CallOptions,
  ): Promise<DesiredDeployments> {
    const { items, problems } = await this.#environments.deployments(
      environment,
      options,
    );
    const models = [...new Set([...items, ...problems].map(d => d.model))];
    if (models.length === 0) return { items, problems };
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
    return {
      items: items.filter(d => visible.has(d.model)),
      problems: problems.filter(p => visible.has(p.model)),
    };
  }
}
