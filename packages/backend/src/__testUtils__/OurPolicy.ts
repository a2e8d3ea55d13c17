import {
  AuthorizeResult,
  isPermission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import {
  aiModelInEnvironmentConditions,
  createAiModelInEnvironmentConditionalDecision,
} from '@greenroom/plugin-ai-registry-backend';
import { aiModelPromotePermission } from '@greenroom/plugin-ai-registry-common';
import {
  isGreenroomPermission,
  OwnershipPolicy,
} from '@greenroom/plugin-permission-backend-module-greenroom';

/** Greenroom decides about models, with one exception of ours; all else is as it was. */
export class OurPolicy implements PermissionPolicy {
  readonly #models = new OwnershipPolicy({
    adminGroups: ['group:default/ml-platform'],
  });

  async handle(
    query: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    const { permission } = query;
    const claims = user?.info.ownershipEntityRefs ?? [];
    // On call, one may bring any model to staging, and what one owns everywhere.
    if (
      isPermission(permission, aiModelPromotePermission) &&
      claims.includes('group:default/on-call')
    ) {
      return createAiModelInEnvironmentConditionalDecision(permission, {
        anyOf: [
          aiModelInEnvironmentConditions.isModelOwner({ claims }),
          aiModelInEnvironmentConditions.isInEnvironment({
            environments: ['staging'],
          }),
        ],
      });
    }
    if (isGreenroomPermission(permission)) {
      return this.#models.handle(query, user);
    }
    // What we had before.
    return { result: AuthorizeResult.ALLOW };
  }
}
