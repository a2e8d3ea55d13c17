import {
  AuthorizeResult,
  type ConditionalPolicyDecision,
  type Permission,
  type PermissionCondition,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import {
  aiDataPlaneOperatePermission,
  aiModelInvokePermission,
  RESOURCE_TYPE_AI_DEPLOYMENT,
} from '@greenroom/plugin-ai-inference-common';
import {
  aiModelReviewPermission,
  aiPromotionOverridePermission,
  RESOURCE_TYPE_AI_DATASET,
  RESOURCE_TYPE_AI_MODEL,
  RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
} from '@greenroom/plugin-ai-registry-common';
import {
  RESOURCE_TYPE_AI_EXPERIMENT,
  RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
} from '@greenroom/plugin-ai-training-common';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/** What every signed-in user may: see, and add things of one's own. */
export const OPEN_TO_ALL_USERS: readonly string[] = [
  'ai-inference.deployment.read',
  'ai-inference.key.create',
  'ai-monitoring.read',
  'ai-registry.dataset.create',
  'ai-registry.dataset.download',
  'ai-registry.dataset.read',
  'ai-registry.model.create',
  'ai-registry.model.read',
  'ai-training.experiment.create',
  'ai-training.experiment.read',
  'ai-training.template.read',
  'ai-training.template.register',
  'catalog.entity.read',
  'catalog.entity.validate',
  'catalog.location.read',
  'kubernetes.clusters.read',
  'kubernetes.resources.read',
  'scaffolder.action.execute',
  'scaffolder.task.create',
  'scaffolder.template.parameter.read',
  'scaffolder.template.step.read',
];

/** What the owner of the thing may. */
export const OPEN_TO_OWNERS: readonly string[] = [
  'ai-inference.model.invoke',
  'ai-inference.rollout.steer',
  'ai-registry.dataset.update',
  'ai-registry.model.promote',
  'ai-registry.model.review',
  'ai-registry.model.update',
  'ai-registry.version.register',
  'ai-training.experiment.update',
  'ai-training.job.steer',
  'ai-training.job.submit',
  'ai-training.run.write',
  'ai-training.template.update',
  'catalog.entity.delete',
  'catalog.entity.refresh',
  'scaffolder.task.cancel',
  'scaffolder.task.read',
];

/** The rule by which a plugin tells who owns a resource, by resource type. */
const OWNERSHIP_RULES: Record<
  string,
  { pluginId: string; rule: string; claims: string }
> = {
  [RESOURCE_TYPE_AI_DATASET]: {
    pluginId: 'ai-registry',
    rule: 'IS_DATASET_OWNER',
    claims: 'claims',
  },
  [RESOURCE_TYPE_AI_MODEL]: {
    pluginId: 'ai-registry',
    rule: 'IS_MODEL_OWNER',
    claims: 'claims',
  },
  [RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT]: {
    pluginId: 'ai-registry',
    rule: 'IS_MODEL_OWNER',
    claims: 'claims',
  },
  [RESOURCE_TYPE_AI_DEPLOYMENT]: {
    pluginId: 'ai-inference',
    rule: 'IS_MODEL_OWNER',
    claims: 'claims',
  },
  [RESOURCE_TYPE_AI_EXPERIMENT]: {
    pluginId: 'ai-training',
    rule: 'IS_EXPERIMENT_OWNER',
    claims: 'claims',
  },
  [RESOURCE_TYPE_AI_TRAINING_TEMPLATE]: {
    pluginId: 'ai-training',
    rule: 'IS_TEMPLATE_OWNER',
    claims: 'claims',
  },
  'catalog-entity': {
    pluginId: 'catalog',
    rule: 'IS_ENTITY_OWNER',
    claims: 'claims',
  },
  'scaffolder-task': {
    pluginId: 'scaffolder',
    rule: 'IS_TASK_OWNER',
    claims: 'createdBy',
  },
};

export interface OwnershipPolicyOptions {
  /** Entity refs of the groups whose members may do everything. */
  adminGroups: string[];
  /**
   * Environments in which every user may call models, and start and stop the data plane; elsewhere
   * the model's owners may call it, and admins the rest.
   */
  openEnvironments?: string[];
  /** Groups whose members review what goes to an environment, besides the model's owners, and override gates there. */
  approvers?: { environment: string; groups: string[] }[];
  /** Names of further permissions that every user has, such as those of other plugins. */
  openPermissions?: string[];
}

/**
 * Who may do what: everybody sees the platform; who changes or calls something must own it, directly
 * or through a group, or be in an admin group. It is a list of what is allowed: what it does not
 * name, a new plugin's reading included, is for admins.
 */
export class OwnershipPolicy implements PermissionPolicy {
  readonly #adminGroups: Set<string>;
  readonly #openEnvironments: string[];
  readonly #approvers: { environment: string; groups: string[] }[];
  readonly #openToAll: Set<string>;
  readonly #openToOwners = new Set(OPEN_TO_OWNERS);

  constructor(options: OwnershipPolicyOptions) {
    this.#adminGroups = new Set(options.adminGroups);
    this.#openEnvironments = options.openEnvironments ?? [];
    this.#approvers = options.approvers ?? [];
    this.#openToAll = new Set([
      ...OPEN_TO_ALL_USERS,
      ...(options.openPermissions ?? []),
    ]);
  }

  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) return DENY;
    const claims = user.info.ownershipEntityRefs;
    if (claims.some(claim => this.#adminGroups.has(claim))) return ALLOW;
    if (this.#openToAll.has(permission.name)) return ALLOW;
    if (permission.name === aiDataPlaneOperatePermission.name) {
      return this.#allowInOpenEnvironments();
    }
    if (permission.name === aiPromotionOverridePermission.name) {
      return this.#allowApprovers(permission, claims);
    }
    if (!this.#openToOwners.has(permission.name)) return DENY;
    return this.#allowOwners(permission, claims) ?? DENY;
  }

  #allowOwners(
    permission: Permission,
    claims: string[],
  ): ConditionalPolicyDecision | undefined {
    if (permission.type !== 'resource') return undefined;
    const { resourceType } = permission;
    const ownership = OWNERSHIP_RULES[resourceType];
    if (!ownership) return undefined;
    const owns: PermissionCondition = {
      rule: ownership.rule,
      resourceType,
      params: { [ownership.claims]: claims },
    };
    return {
      result: AuthorizeResult.CONDITIONAL,
      pluginId: ownership.pluginId,
      resourceType,
      conditions: orInEnvironments(
        owns,
        this.#environmentsFor(permission, claims),
      ),
    };
  }

  /** Owners do not override the gates that their own models are held against. */
  #allowApprovers(permission: Permission, claims: string[]): PolicyDecision {
    const environments = this.#environmentsFor(permission, claims);
    if (environments.length === 0) return DENY;
    return {
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'ai-registry',
      resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
      conditions: {
        rule: 'IS_IN_ENVIRONMENT',
        resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
        params: { environments },
      },
    };
  }

  /** What concerns an environment as a whole has no owner. */
  #allowInOpenEnvironments(): PolicyDecision {
    if (this.#openEnvironments.length === 0) return DENY;
    return {
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'ai-inference',
      resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
      conditions: {
        rule: 'IS_IN_ENVIRONMENT',
        resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
        params: { environments: this.#openEnvironments },
      },
    };
  }

  /** Environments in which a permission is there for more people than owners. */
  #environmentsFor({ name }: Permission, claims: string[]): string[] {
    switch (name) {
      case aiModelInvokePermission.name:
        return this.#openEnvironments;
      case aiModelReviewPermission.name:
      case aiPromotionOverridePermission.name:
        return this.#approvers
          .filter(({ groups }) => groups.some(group => claims.includes(group)))
          .map(({ environment }) => environment);
      default:
        return [];
    }
  }
}

function orInEnvironments(
  owns: PermissionCondition,
  environments: string[],
): PermissionCriteria<PermissionCondition> {
  if (environments.length === 0) return owns;
  const isThere = {
    rule: 'IS_IN_ENVIRONMENT',
    resourceType: owns.resourceType,
    params: { environments },
  };
  return { anyOf: [owns, isThere] };
}
