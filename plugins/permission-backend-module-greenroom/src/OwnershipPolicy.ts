import {
  AuthorizeResult,
  type ConditionalPolicyDecision,
  type Permission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_AI_MODEL } from '@greenroom/plugin-ai-registry-common';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/** Permissions to write that every signed-in user has: each only adds something of the user's own. */
const OPEN_TO_ALL_USERS = new Set([
  'ai-inference.key.create',
  'ai-registry.model.create',
  'scaffolder.action.execute',
  'scaffolder.task.cancel',
  'scaffolder.task.create',
]);

/** Permissions without an action attribute that reach further than reading does. */
const ADMINS_ONLY = new Set(['kubernetes.proxy']);

/** The rule by which a plugin tells who owns a resource, by resource type. */
const OWNERSHIP_RULES: Record<string, { pluginId: string; rule: string }> = {
  [RESOURCE_TYPE_AI_MODEL]: { pluginId: 'ai-registry', rule: 'IS_MODEL_OWNER' },
  'catalog-entity': { pluginId: 'catalog', rule: 'IS_ENTITY_OWNER' },
  'scaffolder-task': { pluginId: 'scaffolder', rule: 'IS_TASK_OWNER' },
};

/**
 * Who may do what: everybody reads; who writes must own the thing, directly or through a group, or
 * be in an admin group. What the policy does not know it treats the same way, so that a new plugin's
 * writes start out closed.
 */
export class OwnershipPolicy implements PermissionPolicy {
  readonly #adminGroups: Set<string>;

  constructor(options: { adminGroups: string[] }) {
    this.#adminGroups = new Set(options.adminGroups);
  }

  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (isRead(permission)) return ALLOW;
    if (!user) return DENY;
    const claims = user.info.ownershipEntityRefs;
    if (claims.some(claim => this.#adminGroups.has(claim))) return ALLOW;
    if (OPEN_TO_ALL_USERS.has(permission.name)) return ALLOW;
    return allowOwners(permission, claims) ?? DENY;
  }
}

function isRead(permission: Permission): boolean {
  const { action } = permission.attributes;
  return (
    action === 'read' ||
    (action === undefined && !ADMINS_ONLY.has(permission.name))
  );
}

function allowOwners(
  permission: Permission,
  claims: string[],
): ConditionalPolicyDecision | undefined {
  if (permission.type !== 'resource') return undefined;
  const { resourceType } = permission;
  const ownership = OWNERSHIP_RULES[resourceType];
  if (!ownership) return undefined;
  return {
    result: AuthorizeResult.CONDITIONAL,
    pluginId: ownership.pluginId,
    resourceType,
    conditions: {
      rule: ownership.rule,
      resourceType,
      params:
        ownership.pluginId === 'scaffolder'
          ? { createdBy: claims }
          : { claims },
    },
  };
}
