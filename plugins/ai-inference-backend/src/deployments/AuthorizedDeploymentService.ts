import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiDeploymentReadPermission,
  type DataPlaneStatus,
  type Deployment,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { Page } from '@greenroom/plugin-ai-registry-common';
import type {
  DeploymentPageQuery,
  DeploymentQuery,
  DeploymentService,
  ReadOptions,
} from './DeploymentService';

export class AuthorizedDeploymentService implements DeploymentService {
  readonly #deployments: DeploymentService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    deployments: DeploymentService;
    permissions: PermissionsService;
  }) {
    this.#deployments = options.deployments;
    this.#permissions = options.permissions;
  }

  async listDeployments(
    query: DeploymentPageQuery,
    options: ReadOptions,
  ): Promise<Page<Deployment>> {
    await this.#require(options);
    return this.#deployments.listDeployments(query, options);
  }

  async listRollouts(
    query: DeploymentQuery & { limit: number },
    options: ReadOptions,
  ): Promise<Rollout[]> {
    await this.#require(options);
    return this.#deployments.listRollouts(query, options);
  }

  async listDataPlanes(options: ReadOptions): Promise<DataPlaneStatus[]> {
    await this.#require(options);
    return this.#deployments.listDataPlanes(options);
  }

  #require({ credentials }: ReadOptions): Promise<void> {
    return requirePermission(this.#permissions, {
      permission: aiDeploymentReadPermission,
      credentials,
    });
  }
}
