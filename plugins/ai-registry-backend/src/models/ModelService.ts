import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  type EntityDirectory,
  OWNER_KINDS,
  type OwnershipClaims,
  requireEntity,
  userRefOf,
} from '@greenroom/ai-node';
import {
  EXTERNAL_NAME_PATTERN,
  type Model,
  type ModelChanges,
  type ModelQuery,
  type ModelSearch,
  type NewModel,
  type Page,
  type SearchPage,
} from '@greenroom/plugin-ai-registry-common';
import type { RegistryChanges } from '../events/announcement';
import type { ModelCondition } from '../permissions';
import { changeTags } from './changeTags';
import type { ModelStore } from './ModelStore';
import { slugsOf } from './slug';

export interface CallOptions {
  credentials: BackstageCredentials;
}

/** What can be done with models. */
export interface ModelService {
  list(
    query: ModelQuery & { visible?: PermissionCriteria<ModelCondition> },
    options: CallOptions,
  ): Promise<Page<Model>>;
  /** Those that meet conditions, also on what clients of MLflow call them. */
  search(
    search: ModelSearch & { visible?: PermissionCriteria<ModelCondition> },
    options: CallOptions,
  ): Promise<SearchPage<Model>>;
  /** Throws a NotFoundError when there is no such model. */
  get(name: string, options: CallOptions): Promise<Model>;
  /** Throws a ConflictError when the name, or the external name, is taken. */
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
  readonly #claims: Pick<OwnershipClaims, 'ownerFor'>;

  constructor(options: {
    models: ModelStore;
    /** Knows whose a model is that is made without an owner. */
    claims: Pick<OwnershipClaims, 'ownerFor'>;
    changes: RegistryChanges;
    /** Knows which owners and systems there are. */
    directory: EntityDirectory;
  }) {
    this.#models = options.models;
    this.#directory = options.directory;
    this.#claims = options.claims;
    this.#changes = options.changes;
  }

  async list(
    query: ModelQuery & { visible?: PermissionCriteria<ModelCondition> },
  ): Promise<Page<Model>> {
    return this.#models.list(query);
  }

  async search(
    search: ModelSearch & { visible?: PermissionCriteria<ModelCondition> },
  ): Promise<SearchPage<Model>> {
    return this.#models.search(search);
  }

  async get(name: string): Promise<Model> {
    return this.#models.get(name);
  }

  async create(model: NewModel, options: CallOptions): Promise<Model> {
    const actor = userRefOf(options.credentials);
    const externalName = externalNameOf(model);
    const { owner, system } = await this.#checkEntities({
      owner: model.owner ?? (await this.#claims.ownerFor(options.credentials)),
      system: model.system,
    });
    const fields = {
      externalName,
      title: model.title ?? externalName,
      description: model.description ?? '',
      task: model.task,
      owner,
      system,
      tags: model.tags ?? {},
      createdBy: actor,
    };
    return this.#changes.transaction(async tx => {
      let { name } = model;
      if (name === undefined) {
        const names = slugsOf(externalName);
        name = await this.#models.insertUnderFreeName(tx, fields, names);
      } else {
        await this.#models.insert(tx, { ...fields, name });
      }
      const after = await this.#models.get(name, tx);
      await this.#changes.record(tx, {
        action: 'model-created',
        model: name,
        actor,
        after,
        announce: [{ type: 'model-changed', model: name, action: 'created' }],
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
    if (changes.externalName !== undefined) {
      checkExternalName(changes.externalName);
    }
    const { tagChanges, ...others } = changes;
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, name);
      const before = await this.#models.get(name, tx);
      await this.#models.update(tx, name, {
        ...others,
        ...(tagChanges && {
          tags: changeTags(others.tags ?? before.tags, tagChanges),
        }),
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

/** Both may be given, such as for a model that is brought along from another registry. */
function externalNameOf({ name, externalName }: NewModel): string {
  const external = externalName ?? name;
  if (external === undefined) {
    throw new InputError(
      'name: expected the name of the model, or externalName, of which one is made',
    );
  }
  checkExternalName(external);
  return external;
}

function checkExternalName(externalName: string): void {
  if (!EXTERNAL_NAME_PATTERN.test(externalName)) {
    throw new InputError(
      'externalName: expected 1 to 256 characters, none of them a control character',
    );
  }
}
