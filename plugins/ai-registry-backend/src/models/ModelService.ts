import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import { userRefOf } from '@greenroom/ai-node';
import type {
  Model,
  ModelChanges,
  ModelQuery,
  NewModel,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { ChangeLog } from '../events/ChangeLog';
import type { ModelCondition } from '../permissions';
import { checkEntityRef } from './checkEntityRef';
import type { ModelStore } from './ModelStore';

export interface CallOptions {
  credentials: BackstageCredentials;
}

/** What can be done with models. */
export interface ModelService {
  list(
    query: ModelQuery & { visible?: PermissionCriteria<ModelCondition> },
    options: CallOptions,
  ): Promise<Page<Model>>;
  /** Throws a NotFoundError when there is no such model. */
  get(name: string, options: CallOptions): Promise<Model>;
  /** Throws a ConflictError when the name is taken. */
  create(model: NewModel, options: CallOptions): Promise<Model>;
  update(
    name: string,
    changes: ModelChanges,
    options: CallOptions,
  ): Promise<Model>;
}

/** Does what it is asked; {@link AuthorizedModelService} asks whether it may. */
export class DefaultModelService implements ModelService {
  readonly #models: ModelStore;
  readonly #changes: ChangeLog;

  constructor(options: { models: ModelStore; changes: ChangeLog }) {
    this.#models = options.models;
    this.#changes = options.changes;
  }

  async list(
    query: ModelQuery & { visible?: PermissionCriteria<ModelCondition> },
  ): Promise<Page<Model>> {
    return this.#models.list(query);
  }

  async get(name: string): Promise<Model> {
    return this.#models.get(name);
  }

  async create(model: NewModel, options: CallOptions): Promise<Model> {
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      await this.#models.insert(tx, {
        name: model.name,
        title: model.title ?? model.name,
        description: model.description ?? '',
        task: model.task,
        owner: checkEntityRef('owner', model.owner),
        system: model.system && checkEntityRef('system', model.system),
        tags: model.tags ?? {},
        createdBy: actor,
      });
      const after = await this.#models.get(model.name, tx);
      await this.#changes.record(tx, {
        action: 'model-created',
        model: model.name,
        actor,
        after,
        announce: [
          { type: 'model-changed', model: model.name, action: 'created' },
        ],
      });
      return after;
    });
  }

  async update(
    name: string,
    changes: ModelChanges,
    options: CallOptions,
  ): Promise<Model> {
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, name);
      const before = await this.#models.get(name, tx);
      const { owner, system } = changes;
      await this.#models.update(tx, name, {
        ...changes,
        ...(owner && { owner: checkEntityRef('owner', owner) }),
        ...(system && { system: checkEntityRef('system', system) }),
      });
      const after = await this.#models.get(name, tx);
      await this.#changes.record(tx, {
        action: 'model-updated',
        model: name,
        actor,
        before,
        after,
        announce: [{ type: 'model-changed', model: name, action: 'updated' }],
      });
      return after;
    });
  }
}
