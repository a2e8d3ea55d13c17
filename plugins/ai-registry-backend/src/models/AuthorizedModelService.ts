import type {
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PermissionCriteria,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelCreatePermission,
  aiModelReadPermission,
  aiModelUpdatePermission,
  type Model,
  type ModelChanges,
  type ModelQuery,
  type NewModel,
  type Page,
} from '@greenroom/plugin-ai-registry-common';
import { aiModelResourceRef, type ModelCondition } from '../permissions';
import type { CallOptions, ModelService } from './ModelService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedModelService implements ModelService {
  readonly #models: ModelService;
  readonly #permissions: PermissionsService;
  readonly #toCriteria: ConditionTransformer<ModelCondition>;

  constructor(options: {
    models: ModelService;
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
  }) {
    this.#models = options.models;
    this.#permissions = options.permissions;
    this.#toCriteria = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(aiModelResourceRef),
    );
  }

  async list(query: ModelQuery, options: CallOptions): Promise<Page<Model>> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: aiModelReadPermission }],
      options,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return this.#models.list(query, options);
      case AuthorizeResult.CONDITIONAL: {
        const visible: PermissionCriteria<ModelCondition> = this.#toCriteria(
          decision.conditions,
        );
        return this.#models.list({ ...query, visible }, options);
      }
      default:
        return { items: [], totalItems: 0 };
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

  async create(model: NewModel, options: CallOptions): Promise<Model> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelCreatePermission,
    });
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
    return this.#models.update(name, changes, options);
  }
}
