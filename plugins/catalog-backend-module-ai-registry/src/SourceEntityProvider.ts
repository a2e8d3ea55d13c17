import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { ServiceUnavailableError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';

/** Marks the entities as these providers', so that nobody else can claim their names. */
const LOCATION_KEY = 'ai-registry';

/** Things that one change of the catalog brings up to date, so that none waits long for the others. */
const CHANGE_BATCH = 50;

/** Things of one kind, each known by a key, and the entities that stand for them. */
export interface EntitySource<Item> {
  /** Tells the providers of the catalog apart. */
  providerName: string;
  /** All that there are, by key. */
  list(signal?: AbortSignal): Promise<Map<string, Item>>;
  /** Those of these keys that there are. */
  find(keys: string[]): Promise<Map<string, Item>>;
  /** The entities that stand for a thing, each of any kind. */
  toEntities(item: Item): Entity[];
  /** Refs of all entities that a thing of this key may have had: those that it has no more are taken away. */
  refsOf(key: string): string[];
}

/**
 * Keeps the entities of all things of a source in the catalog: all of them at once, or those of
 * what has changed.
 */
export class SourceEntityProvider<Item> implements EntityProvider {
  readonly #source: EntitySource<Item>;
  #connection: EntityProviderConnection | undefined;
  /** One mutation after the other: an old list must not undo a newer change. */
  #queue: Promise<void> = Promise.resolve();
  /** Changed, and not brought up to date yet. */
  readonly #changed = new Set<string>();
  /** Changed since the list that is being read was begun: there they may be old. */
  #changedSinceList: Set<string> | undefined;

  constructor(source: EntitySource<Item>) {
    this.#source = source;
  }

  getProviderName(): string {
    return this.#source.providerName;
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
    const items = await this.#source.list(signal);
    await this.#enqueue(async connection => {
      this.#changedSinceList = undefined;
      const newest = await this.#source.find([...changed]);
      for (const key of changed) {
        const item = newest.get(key);
        if (item === undefined) items.delete(key);
        else items.set(key, item);
      }
      await connection.applyMutation({
        type: 'full',
        entities: [...items.values()].flatMap(item => this.#toDeferred(item)),
      });
    });
  }

  /** Remembers that something has changed; {@link syncChanged} brings it up to date. */
  markChanged(key: string): void {
    this.#changed.add(key);
    this.#changedSinceList?.add(key);
  }

  /** Brings the entities of what has changed up to date, and takes away those of what is gone. */
  async syncChanged(signal?: AbortSignal): Promise<void> {
    while (this.#changed.size > 0 && !signal?.aborted) {
      const keys = [...this.#changed].slice(0, CHANGE_BATCH);
      keys.forEach(key => this.#changed.delete(key));
      try {
        await this.#enqueue(connection => this.#apply(keys, connection));
      } catch (error) {
        keys.forEach(key => this.#changed.add(key));
        throw error;
      }
    }
  }

  /** Has the catalog process entities once more whose processing emitted this key. */
  async processAgain(refreshKey: string): Promise<void> {
    await this.#enqueue(connection =>
      connection.refresh({ keys: [refreshKey] }),
    );
  }

  async #apply(
    keys: string[],
    connection: EntityProviderConnection,
  ): Promise<void> {
    const found = await this.#source.find(keys);
    const added = [...found.values()].flatMap(item => this.#toDeferred(item));
    const there = new Set(
      added.map(({ entity }) => stringifyEntityRef(entity)),
    );
    await connection.applyMutation({
      type: 'delta',
      added,
      removed: keys
        .flatMap(key => this.#source.refsOf(key))
        .filter(entityRef => !there.has(entityRef))
        .map(entityRef => ({ entityRef, locationKey: LOCATION_KEY })),
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

  #toDeferred(item: Item) {
    return this.#source
      .toEntities(item)
      .map(entity => ({ entity, locationKey: LOCATION_KEY }));
  }
}
