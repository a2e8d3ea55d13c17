import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiRolloutSteerPermission,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type { RolloutService, SteerOptions } from './RolloutService';

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
    await requirePermission(this.#permissions, {
      permission: aiRolloutSteerPermission,
      resourceRef: placeRef(await this.#rollouts.get(id)),
      credentials: options.credentials,
    });
    return this.#rollouts.retry(id, options);
  }
}
