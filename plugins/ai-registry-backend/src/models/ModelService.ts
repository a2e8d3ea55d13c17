import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  type EntityDirectory,
  OWNER_KINDS,
  requireEntity,
  userRefOf,
} from '@greenroom/ai-node';
import type {
  Model,
  ModelChanges,
  ModelQuery,
  NewModel,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { RegistryChanges } from '../events/announcement';
import type { ModelCondition } from '../permissions';
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
  readonly #changes: RegistryChanges;
  readonly #directory: EntityDirectory;

  constructor(options: {
    models: ModelStore;
    changes: RegistryChanges;
    /** Knows which owners and systems there are. */
    directory: EntityDirectory;
  }) {
    this.#models = options.models;
    this.#directory = options.directory;
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
    const { owner, system } = await this.#checkEntities(model);
    return this.#changes.transaction(async tx => {
      await this.#models.insert(tx, {
        name: model.name,
        title: model.title ?? model.name,
        description: model.description ?? '',
        task: model.task,
        owner,
        system,
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
    const { owner, system } = await this.#checkEntities(changes);
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, name);
      const before = await this.#models.get(name, tx);
      await this.#models.update(tx, name, {
        ...changes,
        ...(owner && { owner }),
        ...(system && { system }),
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

  /** Those that are named, in full. Throws an InputError when the catalog does not have one. */
  async #checkEntities<T extends { owner?: string; system?: string }>({
    owner,
    system,
  }: T): Promise<Pick<T, 'owner' | 'system'>> {
    const check = (field: string, entityRef: string, kinds: string[]) =>
      requireEntity(this.#directory, { field, entityRef, kinds });
    return {
      owner: owner && (await check('owner', owner, OWNER_KINDS)),
      system: system && (await check('system', system, ['system'])),
    };
  }
}
