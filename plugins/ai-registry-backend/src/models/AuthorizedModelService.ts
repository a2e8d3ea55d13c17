import type {
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCriteria,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  checkEntityRef,
  isPermitted,
  type OwnershipClaims,
  requirePermission,
} from '@greenroom/ai-node';
import {
  aiModelCreateForOthersPermission,
  aiModelCreatePermission,
  aiModelReadPermission,
  aiModelUpdatePermission,
  type Model,
  type ModelChanges,
  type ModelQuery,
  type ModelSearch,
  type NewModel,
  type Page,
  type SearchPage,
} from '@greenroom/plugin-ai-registry-common';
import { aiModelResourceRef, type ModelCondition } from '../permissions';
import type { CallOptions, ModelService } from './ModelService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedModelService implements ModelService {
  readonly #models: ModelService;
  readonly #permissions: PermissionsService;
  readonly #claims: OwnershipClaims;
  readonly #toCriteria: ConditionTransformer<ModelCondition>;

  constructor(options: {
    models: ModelService;
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    claims: OwnershipClaims;
  }) {
    this.#models = options.models;
    this.#claims = options.claims;
    this.#permissions = options.permissions;
    this.#toCriteria = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(aiModelResourceRef),
    );
  }

  async list(query: ModelQuery, options: CallOptions): Promise<Page<Model>> {
    const visible = await this.visibleTo(options);
    if (visible === 'none') return { items: [], totalItems: 0 };
    return this.#models.list({ ...query, ...visible }, options);
  }

  async search(
    search: ModelSearch,
    options: CallOptions,
  ): Promise<SearchPage<Model>> {
    const visible = await this.visibleTo(options);
    if (visible === 'none') return { items: [] };
    return this.#models.search({ ...search, ...visible }, options);
  }

  /** Which models the caller may read: by a condition, all without one, or none. */
  async visibleTo(
    options: CallOptions,
  ): Promise<{ visible?: PermissionCriteria<ModelCondition> } | 'none'> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: aiModelReadPermission }],
      options,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return {};
      case AuthorizeResult.CONDITIONAL:
        return { visible: this.#toCriteria(decision.conditions) };
      default:
        return 'none';
    }
  }

  async get(name: string, options: CallOptions): Promise<Model> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelReadPermission,
      resourceRef: name,
    });
    return this.#models.get(name, options);
  }

  /** @throws NotFoundError where there is no model of this name elsewhere, or the caller may not read it */
  async findExternal(
    externalName: string,
    options: CallOptions,
  ): Promise<Model> {
    const visible = await this.visibleTo(options);
    if (visible === 'none') {
      // Says what is missing, which does not depend on the model.
      await requirePermission(this.#permissions, {
        ...options,
        permission: aiModelReadPermission,
        resourceRef: externalName,
      });
    } else {
      const { items } = await this.#models.search(
        {
          conditions: [
            { field: 'externalName', comparator: '=', values: [externalName] },
          ],
          limit: 1,
          ...visible,
        },
        options,
      );
      if (items.length > 0) return items[0];
    }
    throw new NotFoundError(
      `externalName: there is no model that is called '${externalName}'`,
    );
  }

  async create(model: NewModel, options: CallOptions): Promise<Model> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelCreatePermission,
    });
    if (model.owner !== undefined) {
      await this.#requireBelongingTo(model.owner, options);
    }
    return this.#models.create(model, options);
  }

  async update(
    name: string,
    changes: ModelChanges,
    options: CallOptions,
  ): Promise<Model> {
    // Tells an absent model from a forbidden one.
    await this.get(name, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: name,
    });
    if (changes.owner !== undefined) {
      await this.#requireBelongingTo(changes.owner, options);
    }
    return this.#models.update(name, changes, options);
  }

  /** Models are made for oneself and one's groups, unless a permission says otherwise. */
  async #requireBelongingTo(
    owner: string,
    options: CallOptions,
  ): Promise<void> {
    const claims = await this.#claims.of(options.credentials);
    if (claims.includes(checkEntityRef('owner', owner))) return;
    const mayForOthers = await isPermitted(this.#permissions, {
      ...options,
      permission: aiModelCreateForOthersPermission,
    });
    if (mayForOthers) return;
    throw new NotAllowedError(
      `owner: you do not belong to '${owner}': name yourself or a group that you are a member of, or ask somebody with the permission '${aiModelCreateForOthersPermission.name}'`,
    );
  }
}
