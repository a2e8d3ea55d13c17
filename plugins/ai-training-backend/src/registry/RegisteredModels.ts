import { MlflowError } from '../mlflow/MlflowError';
import type {
  Model,
  SearchPage,
  TagChanges,
} from '@greenroom/plugin-ai-registry-common';
import { compileModelSearch } from './compileSearch';
import type { RegistryCaller } from './RegistryCaller';
import type { RegistryCall } from './registryTokenOf';
import { type MlflowStage, toMlflowStage } from './stages';
import { toModelVersionMessage, toRegisteredModelMessage } from './wire';

/** Clients of MLflow say no reason, and the registry's history wants one. */
const REASON = 'By a client of MLflow';

export interface RegistrySearch {
  filter: string | undefined;
  orderBy: readonly string[];
  /** Most that are given back. */
  limit: number;
  pageToken: string | undefined;
}

/**
 * Registered models as MLflow's protocol has them, kept by the registry and read and changed in the name of the
 * caller. All of it fails with a NotFoundError in MLflow's words where there is no such model.
 */
export class RegisteredModels {
  readonly #registry: RegistryCaller;

  constructor(options: { registry: RegistryCaller }) {
    this.#registry = options.registry;
  }

  /** @throws MlflowError of RESOURCE_ALREADY_EXISTS, which clients expect where somebody was faster */
  async create(
    model: {
      externalName: string;
      description: string;
      tags: Record<string, string>;
    },
    call: RegistryCall,
  ): Promise<object> {
    const created = await this.#named(model.externalName, () =>
      this.#registry.ask(call, (registry, options) =>
        registry.createModel({ ...model, task: 'other' }, options),
      ),
    );
    return toRegisteredModelMessage(created, []);
  }

  async get(externalName: string, call: RegistryCall): Promise<object> {
    const model = await this.#registry.getModel(externalName, call);
    return this.#toMessage(model, call);
  }

  async update(
    externalName: string,
    changes: { description: string },
    call: RegistryCall,
  ): Promise<object> {
    const { name } = await this.#registry.getModel(externalName, call);
    const model = await this.#registry.ask(call, (registry, options) =>
      registry.updateModel(name, changes, options),
    );
    return this.#toMessage(model, call);
  }

  /** The name that it has in the registry, in manifests and at data planes, stays. */
  async rename(
    externalName: string,
    newName: string,
    call: RegistryCall,
  ): Promise<object> {
    const { name } = await this.#registry.getModel(externalName, call);
    const model = await this.#named(newName, () =>
      this.#registry.ask(call, (registry, options) =>
        registry.updateModel(name, { externalName: newName }, options),
      ),
    );
    return this.#toMessage(model, call);
  }

  async delete(externalName: string, call: RegistryCall): Promise<void> {
    const { name } = await this.#registry.getModel(externalName, call);
    await this.#registry.ask(call, (registry, options) =>
      registry.deleteModel(name, options),
    );
  }

  async search(
    { filter, orderBy, limit, pageToken }: RegistrySearch,
    call: RegistryCall,
  ): Promise<{ items: object[]; nextPageToken?: string }> {
    const search = compileModelSearch(filter, orderBy);
    const page: SearchPage<Model> = await this.#registry.ask(
      call,
      (registry, options) =>
        registry.searchModels({ ...search, limit, cursor: pageToken }, options),
    );
    const latest = await this.#registry.listLatest(page.items, call);
    return {
      items: page.items.map(model => toRegisteredModelMessage(model, latest)),
      nextPageToken: page.nextCursor,
    };
  }

  /** The newest version of each of the stages that has one. */
  async latest(
    externalName: string,
    stages: readonly MlflowStage[],
    call: RegistryCall,
  ): Promise<object[]> {
    const model = await this.#registry.getModel(externalName, call);
    const latest = await this.#registry.listLatest([model], call);
    return latest
      .filter(({ stage }) => stages.includes(toMlflowStage(stage)))
      .map(toModelVersionMessage);
  }

  async changeTags(
    externalName: string,
    tagChanges: TagChanges,
    call: RegistryCall,
  ): Promise<void> {
    const { name } = await this.#registry.getModel(externalName, call);
    await this.#registry.ask(call, (registry, options) =>
      registry.updateModel(name, { tagChanges }, options),
    );
  }

  async setAlias(
    externalName: string,
    { alias, version }: { alias: string; version: number },
    call: RegistryCall,
  ): Promise<void> {
    const { model } = await this.#registry.getVersion(
      { externalName, version },
      call,
    );
    await this.#registry.ask(call, (registry, options) =>
      registry.setAlias(model, alias, { version, reason: REASON }, options),
    );
  }

  /** As in MLflow, one that is not there may be taken away. */
  async removeAlias(
    externalName: string,
    alias: string,
    call: RegistryCall,
  ): Promise<void> {
    const model = await this.#registry.getModel(externalName, call);
    if (!model.aliases.some(one => one.alias === alias)) return;
    await this.#registry.ask(call, (registry, options) =>
      registry.removeAlias(model.name, alias, { reason: REASON }, options),
    );
  }

  async #toMessage(model: Model, call: RegistryCall): Promise<object> {
    const latest = await this.#registry.listLatest([model], call);
    return toRegisteredModelMessage(model, latest);
  }

  /** Says in MLflow's words that a name is taken. */
  async #named<T>(externalName: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw error instanceof MlflowError &&
        error.errorCode === 'RESOURCE_CONFLICT'
        ? new MlflowError(
            'RESOURCE_ALREADY_EXISTS',
            `Registered Model (name=${externalName}) already exists.`,
          )
        : error;
    }
  }
}
