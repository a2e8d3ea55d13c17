import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiRolloutSteerPermission,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type {
  RolloutService,
  SteerOptions,
  SteerRequest,
} from './RolloutService';

/** Asks for the permission on `<environment>/<model>` before it delegates. */
export class AuthorizedRolloutService implements RolloutService {
  readonly #rollouts: RolloutService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    rollouts: RolloutService;
    permissions: PermissionsService;
  }) {
    this.#rollouts = options.rollouts;
    this.#permissions = options.permissions;
  }

  get(id: string): Promise<Rollout> {
    return this.#rollouts.get(id);
  }

  async retry(id: string, options: SteerOptions): Promise<Rollout> {
    await this.#require(id, options);
    return this.#rollouts.retry(id, options);
  }

  async steer(
    id: string,
    request: SteerRequest,
    options: SteerOptions,
  ): Promise<Rollout> {
    await this.#require(id, options);
    return this.#rollouts.steer(id, request, options);
  }

  async #require(id: string, { credentials }: SteerOptions): Promise<void> {
    await requirePermission(this.#permissions, {
      permission: aiRolloutSteerPermission,
      resourceRef: placeRef(await this.#rollouts.get(id)),
      credentials,
    });
  }
}
