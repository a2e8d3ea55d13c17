import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { type OwnershipClaims, requirePermission } from '@greenroom/ai-node';
import {
  aiRolloutSteerPermission,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import {
  aiModelReviewPermission,
  type Environments,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import type {
  RolloutService,
  SteerOptions,
  SteerRequest,
} from './RolloutService';

/**
 * Asks for the permission on `<environment>/<model>` before it delegates. An analysis is skipped
 * by those who may approve promotions there, since that is what was approved.
 */
export class AuthorizedRolloutService implements RolloutService {
  readonly #rollouts: RolloutService;
  readonly #permissions: PermissionsService;
  readonly #environments: Environments;
  readonly #claims: Pick<OwnershipClaims, 'of'>;

  constructor(options: {
    rollouts: RolloutService;
    permissions: PermissionsService;
    environments: Environments;
    claims: Pick<OwnershipClaims, 'of'>;
  }) {
    this.#environments = options.environments;
    this.#claims = options.claims;
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
    await (request.act === 'skip'
      ? this.#requireReviewer(id, options)
      : this.#require(id, options));
    return this.#rollouts.steer(id, request, options);
  }

  async #requireReviewer(
    id: string,
    { credentials }: SteerOptions,
  ): Promise<void> {
    const place = await this.#rollouts.get(id);
    await requirePermission(this.#permissions, {
      permission: aiModelReviewPermission,
      resourceRef: placeRef(place),
      credentials,
    });
    const groups = this.#environments.find(place.environment)?.approverGroups;
    if (!groups) return;
    const memberships = await this.#claims.of(credentials);
    if (groups.some(group => memberships.includes(group))) return;
    throw new NotAllowedError(
      `An analysis in ${
        place.environment
      } is skipped by members of ${groups.join(', ')}: ask one of them`,
    );
  }

  async #require(id: string, { credentials }: SteerOptions): Promise<void> {
    await requirePermission(this.#permissions, {
      permission: aiRolloutSteerPermission,
      resourceRef: placeRef(await this.#rollouts.get(id)),
      credentials,
    });
  }
}
