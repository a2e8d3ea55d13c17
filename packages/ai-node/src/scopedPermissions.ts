import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  PermissionsService,
  PermissionsServiceRequestOptions,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import {
  type AuthorizePermissionRequest,
  type AuthorizePermissionResponse,
  AuthorizeResult,
  type DefinitivePolicyDecision,
  type Permission,
  type PolicyDecision,
  type QueryPermissionRequest,
} from '@backstage/plugin-permission-common';
import type { IssuedTokens } from './issuedTokens';
import {
  type DeclaredToken,
  readServiceTokens,
  tokenNameOf,
} from './serviceToken';
import {
  isInScope,
  isLapsed,
  namesInScope,
  type TokenTerms,
} from './tokenTerms';

const ALLOW = { result: AuthorizeResult.ALLOW } as const;
const DENY = { result: AuthorizeResult.DENY } as const;

class ScopedPermissions implements PermissionsService {
  readonly #permissions: PermissionsService;
  readonly #tokens: Map<string, DeclaredToken>;
  readonly #issued: Pick<IssuedTokens, 'findByName'>;
  readonly #clock: () => Date;

  constructor(options: {
    permissions: PermissionsService;
    tokens: DeclaredToken[];
    issued: Pick<IssuedTokens, 'findByName'>;
    clock: () => Date;
  }) {
    this.#permissions = options.permissions;
    this.#tokens = new Map(options.tokens.map(token => [token.name, token]));
    this.#issued = options.issued;
    this.#clock = options.clock;
  }

  async authorize(
    requests: AuthorizePermissionRequest[],
    options: PermissionsServiceRequestOptions,
  ): Promise<AuthorizePermissionResponse[]> {
    const decide = await this.#decisionsFor(options);
    return decide
      ? requests.map(request => decide(request.permission, request.resourceRef))
      : this.#permissions.authorize(requests, options);
  }

  async authorizeConditional(
    requests: QueryPermissionRequest[],
    options: PermissionsServiceRequestOptions,
  ): Promise<PolicyDecision[]> {
    const decide = await this.#decisionsFor(options);
    if (!decide) {
      return this.#permissions.authorizeConditional(requests, options);
    }
    return requests.map(({ permission }) => {
      const decision = decide(permission);
      return decision === DENY
        ? decide.named(permission) ?? decision
        : decision;
    });
  }

  /** Undefined when it is not a program that asks, or one of this backend's own. */
  async #decisionsFor(
    options: PermissionsServiceRequestOptions,
  ): Promise<Decide | undefined> {
    const principal = servicePrincipalOf(options.credentials);
    if (!principal || principal.subject.startsWith('plugin:')) return undefined;
    const name = tokenNameOf(principal.subject);
    if (name === undefined) {
      return Object.assign(
        (permission: Permission) =>
          isNamed(principal, permission) ? ALLOW : DENY,
        { named: () => undefined },
      );
    }
    const token =
      this.#tokens.get(name) ?? (await this.#issued.findByName(name));
    const valid = token && !isLapsed(token, this.#clock());
    return Object.assign(
      (permission: Permission, resourceRef?: string) =>
        valid && isInScope(token, { permission: permission.name, resourceRef })
          ? ALLOW
          : DENY,
      {
        named: (permission: Permission) =>
          valid ? conditionOf(permission, token) : undefined,
      },
    );
  }
}

interface Decide {
  (permission: Permission, resourceRef?: string): DefinitivePolicyDecision;
  /** Where a token may do it with some, by name: which those are. */
  named(permission: Permission): PolicyDecision | undefined;
}

/** The rule of resources that are known by one name: its name is like one of some patterns. */
export const NAMED_RULE = 'IS_NAMED';

/** Of which plugin each type of resource with {@link NAMED_RULE} is. */
const NAMED_RESOURCES: Record<string, string> = {
  'ai-model': 'ai-registry',
  'ai-dataset': 'ai-registry',
  'ai-experiment': 'ai-training',
};

/** Lists have those in them that the token's scopes name. */
function conditionOf(
  permission: Permission,
  token: TokenTerms,
): PolicyDecision | undefined {
  if (permission.type !== 'resource') return undefined;
  const { resourceType, name } = permission;
  const pluginId = NAMED_RESOURCES[resourceType];
  const patterns = namesInScope(token, name);
  if (pluginId === undefined || patterns.length === 0) return undefined;
  return {
    result: AuthorizeResult.CONDITIONAL,
    pluginId,
    resourceType,
    conditions: { rule: NAMED_RULE, resourceType, params: { patterns } },
  };
}

/**
 * Decides what programs may do, and leaves people to the permission policy.
 *
 * @remarks
 *
 * Backstage's own service lets a program do everything that its token does not exclude. Here,
 * a token with scopes may do what they say; another plugin of the same backend may do
 * everything; any other program only what the `accessRestrictions` of its token name.
 */
export function scopedPermissions(options: {
  permissions: PermissionsService;
  config: Config;
  /** Tokens that were issued in the portal. */
  issuedTokens: Pick<IssuedTokens, 'findByName'>;
  clock?: () => Date;
}): PermissionsService {
  return new ScopedPermissions({
    permissions: options.permissions,
    tokens: readServiceTokens(options.config),
    issued: options.issuedTokens,
    clock: options.clock ?? (() => new Date()),
  });
}

function servicePrincipalOf(
  credentials: BackstageCredentials,
): BackstageServicePrincipal | undefined {
  const principal = credentials.principal as
    | BackstageServicePrincipal
    | { type: 'user' | 'none' };
  return principal.type === 'service' ? principal : undefined;
}

/** Whether the restrictions of a token without scopes name the permission, or its kind of action. */
function isNamed(
  { accessRestrictions }: BackstageServicePrincipal,
  { name, attributes }: Permission,
): boolean {
  const { permissionNames, permissionAttributes } = accessRestrictions ?? {};
  const actions = permissionAttributes?.action;
  if (!permissionNames && !actions) return false;
  if (permissionNames && !permissionNames.includes(name)) return false;
  return (
    !actions ||
    (attributes.action !== undefined && actions.includes(attributes.action))
  );
}
