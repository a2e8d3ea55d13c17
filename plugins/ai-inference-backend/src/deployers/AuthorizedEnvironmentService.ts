import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiDataPlaneOperatePermission,
  aiDeploymentReadPermission,
  type EnvironmentDataPlane,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type {
  EnvironmentCallOptions,
  EnvironmentService,
} from './EnvironmentService';

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

  async list(options: EnvironmentCallOptions): Promise<EnvironmentDataPlane[]> {
    await requirePermission(this.#permissions, {
      permission: aiDeploymentReadPermission,
      credentials: options.credentials,
    });
    return this.#environments.list(options);
  }

  async setWanted(
    change: { environment: string; wanted: boolean },
    options: EnvironmentCallOptions,
  ): Promise<EnvironmentDataPlane> {
    const { environment } = change;
    await requirePermission(this.#permissions, {
      permission: aiDataPlaneOperatePermission,
      resourceRef: placeRef({ environment, model: '*' }),
      credentials: options.credentials,
    });
    return this.#environments.setWanted(change, options);
  }
}
