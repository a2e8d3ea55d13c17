import type { AuthService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { isError, ServiceUnavailableError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type {
  AiRegistryClient,
  Environments,
  Model,
  RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import { toEntity } from './toEntity';

const PAGE_SIZE = 200;

/** Marks the entities as this provider's, so that nobody else can claim their names. */
const LOCATION_KEY = 'ai-registry';

/** Models that one change of the catalog brings up to date, so that none waits long for the others. */
const CHANGE_BATCH = 50;

/**
 * Keeps one catalog entity for each registered model: all of them at once, or
 * those that have changed.
 */
export class ModelEntityProvider implements EntityProvider {
  readonly #registry: AiRegistryClient;
  readonly #auth: AuthService;
  readonly #pageOf: (name: string) => string;
  readonly #environments: Environments;
  #connection: EntityProviderConnection | undefined;
  /** One mutation after the other: an old list must not undo a newer change. */
  #queue: Promise<void> = Promise.resolve();
  /** Changed, and not brought up to date yet. */
  readonly #changed = new Set<string>();
  /** Changed since the list that is being read was begun: there they may be old. */
  #changedSinceList: Set<string> | undefined;

  constructor(options: {
    registry: AiRegistryClient;
    auth: AuthService;
    /** Address of a model's page in the portal. */
    pageOf: (name: string) => string;
    environments: Environments;
  }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
    this.#pageOf = options.pageOf;
    this.#environments = options.environments;
  }

  getProviderName(): string {
    return 'ai-registry';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /** Makes the catalog hold exactly the models that exist. */
  async syncAll(signal?: AbortSignal): Promise<void> {
    this.#connected();
    const changed = new Set<string>();
    this.#changedSinceList = changed;
    // Reading many pages takes long: meanwhile single changes go on.
    const models = await this.#listAll(signal);
    await this.#enqueue(async connection => {
      this.#changedSinceList = undefined;
      const newest = await this.#findAll([...changed]);
      for (const [name, model] of newest) {
        if (model) models.set(name, model);
        else models.delete(name);
      }
      await connection.applyMutation({
        type: 'full',
        entities: [...models.values()].map(model => this.#toDeferred(model)),
      });
    });
  }

  /** Remembers that a model has changed; {@link syncChanged} brings it up to date. */
  markChanged(name: string): void {
    this.#changed.add(name);
    this.#changedSinceList?.add(name);
  }

  /** Brings the entities of changed models up to date, and takes away those whose model is gone. */
  async syncChanged(signal?: AbortSignal): Promise<void> {
    while (this.#changed.size > 0 && !signal?.aborted) {
      const names = [...this.#changed].slice(0, CHANGE_BATCH);
      names.forEach(name => this.#changed.delete(name));
      try {
        await this.#enqueue(connection => this.#apply(names, connection));
      } catch (error) {
        names.forEach(name => this.#changed.add(name));
        throw error;
      }
    }
  }

  async #apply(
    names: string[],
    connection: EntityProviderConnection,
  ): Promise<void> {
    const found = await this.#findAll(names);
    const gone = names.filter(name => !found.get(name));
    await connection.applyMutation({
      type: 'delta',
      added: [...found.values()].flatMap(model =>
        model ? [this.#toDeferred(model)] : [],
      ),
      removed: gone.map(name => ({
        entityRef: entityRefOf(name),
        locationKey: LOCATION_KEY,
      })),
    });
  }

  #connected(): EntityProviderConnection {
    if (!this.#connection) {
      throw new ServiceUnavailableError(
        'The catalog has not connected to the model registry yet',
      );
    }
    return this.#connection;
  }

  async #enqueue(
    mutate: (connection: EntityProviderConnection) => Promise<void>,
  ): Promise<void> {
    const connection = this.#connected();
    const turn = this.#queue.then(() => mutate(connection));
    this.#queue = turn.catch(() => {});
    await turn;
  }

  async #listAll(signal?: AbortSignal): Promise<Map<string, Model>> {
    const models = new Map<string, Model>();
    let cursor: string | undefined;
    do {
      const page = await this.#registry.listModels(
        { limit: PAGE_SIZE, cursor },
        { ...(await this.#authorize()), signal },
      );
      page.items.forEach(model => models.set(model.name, model));
      cursor = page.nextCursor;
    } while (cursor);
    return models;
  }

  /** One after the other, so that many changes leave the registry to people. */
  async #findAll(names: string[]): Promise<Map<string, Model | undefined>> {
    const found = new Map<string, Model | undefined>();
    for (const name of names) found.set(name, await this.#find(name));
    return found;
  }

  async #find(name: string): Promise<Model | undefined> {
    try {
      return await this.#registry.getModel(name, await this.#authorize());
    } catch (error) {
      if (isError(error) && error.statusCode === 404) return undefined;
      throw error;
    }
  }

  async #authorize(): Promise<RequestOptions> {
    return this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
  }

  #toDeferred(model: Model) {
    return {
      entity: toEntity(model, {
        pageOf: this.#pageOf,
        environments: this.#environments,
      }),
      locationKey: LOCATION_KEY,
    };
  }
}

function entityRefOf(name: string): string {
  return stringifyEntityRef({ kind: 'resource', namespace: 'default', name });
}
