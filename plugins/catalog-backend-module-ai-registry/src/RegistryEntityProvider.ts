import type { AuthService } from '@backstage/backend-plugin-api';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { isError, ServiceUnavailableError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type {
  Page,
  RequestOptions,
} from '@greenroom/plugin-ai-registry-common';

const PAGE_SIZE = 200;

/** Marks the entities as this provider's, so that nobody else can claim their names. */
const LOCATION_KEY = 'ai-registry';

/** Things that one change of the catalog brings up to date, so that none waits long for the others. */
const CHANGE_BATCH = 50;

/** What the registry has of one kind, models or datasets, and the entities that stand for them. */
export interface RegistryEntities<Item extends { name: string }> {
  /** Tells the providers of the catalog apart. */
  providerName: string;
  /** Namespace of the entities: a model and a dataset may have the same name. */
  namespace: string;
  list(
    query: { limit: number; cursor?: string },
    options: RequestOptions,
  ): Promise<Page<Item>>;
  get(name: string, options: RequestOptions): Promise<Item>;
  toEntity(item: Item): Entity;
}

/**
 * Keeps one catalog entity for each thing of a kind in the registry: all of them at once, or
 * those that have changed.
 */
export class RegistryEntityProvider<Item extends { name: string }>
  implements EntityProvider
{
  readonly #entities: RegistryEntities<Item>;
  readonly #auth: AuthService;
  #connection: EntityProviderConnection | undefined;
  /** One mutation after the other: an old list must not undo a newer change. */
  #queue: Promise<void> = Promise.resolve();
  /** Changed, and not brought up to date yet. */
  readonly #changed = new Set<string>();
  /** Changed since the list that is being read was begun: there they may be old. */
  #changedSinceList: Set<string> | undefined;

  constructor(options: {
    entities: RegistryEntities<Item>;
    auth: AuthService;
  }) {
    this.#entities = options.entities;
    this.#auth = options.auth;
  }

  getProviderName(): string {
    return this.#entities.providerName;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /** Makes the catalog hold exactly what exists. */
  async syncAll(signal?: AbortSignal): Promise<void> {
    this.#connected();
    const changed = new Set<string>();
    this.#changedSinceList = changed;
    // Reading many pages takes long: meanwhile single changes go on.
    const items = await this.#listAll(signal);
    await this.#enqueue(async connection => {
      this.#changedSinceList = undefined;
      const newest = await this.#findAll([...changed]);
      for (const [name, item] of newest) {
        if (item) items.set(name, item);
        else items.delete(name);
      }
      await connection.applyMutation({
        type: 'full',
        entities: [...items.values()].map(item => this.#toDeferred(item)),
      });
    });
  }

  /** Remembers that something has changed; {@link syncChanged} brings it up to date. */
  markChanged(name: string): void {
    this.#changed.add(name);
    this.#changedSinceList?.add(name);
  }

  /** Brings the entities of what has changed up to date, and takes away those of what is gone. */
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
      added: [...found.values()].flatMap(item =>
        item ? [this.#toDeferred(item)] : [],
      ),
      removed: gone.map(name => ({
        entityRef: stringifyEntityRef({
          kind: 'resource',
          namespace: this.#entities.namespace,
          name,
        }),
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

  async #listAll(signal?: AbortSignal): Promise<Map<string, Item>> {
    const items = new Map<string, Item>();
    let cursor: string | undefined;
    do {
      const page = await this.#entities.list(
        { limit: PAGE_SIZE, cursor },
        { ...(await this.#authorize()), signal },
      );
      page.items.forEach(item => items.set(item.name, item));
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  }

  /** One after the other, so that many changes leave the registry to people. */
  async #findAll(names: string[]): Promise<Map<string, Item | undefined>> {
    const found = new Map<string, Item | undefined>();
    for (const name of names) found.set(name, await this.#find(name));
    return found;
  }

  async #find(name: string): Promise<Item | undefined> {
    try {
      return await this.#entities.get(name, await this.#authorize());
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

  #toDeferred(item: Item) {
    return {
      entity: this.#entities.toEntity(item),
      locationKey: LOCATION_KEY,
    };
  }
}
