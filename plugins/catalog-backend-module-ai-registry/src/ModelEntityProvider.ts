import type { AuthService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { isError, ServiceUnavailableError } from '@backstage/errors';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type {
  AiRegistryClient,
  Model,
  RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import { toEntity } from './toEntity';

const PAGE_SIZE = 200;

/** Marks the entities as this provider's, so that nobody else can claim their names. */
const LOCATION_KEY = 'ai-registry';

/**
 * Keeps one catalog entity for each registered model: all of them at once, or a
 * single one after it has changed.
 */
export class ModelEntityProvider implements EntityProvider {
  readonly #registry: AiRegistryClient;
  readonly #auth: AuthService;
  readonly #appBaseUrl: string;
  #connection: EntityProviderConnection | undefined;
  /** One mutation after the other: an old list must not undo a newer change. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: {
    registry: AiRegistryClient;
    auth: AuthService;
    /** Address of the portal, without a slash at the end. */
    appBaseUrl: string;
  }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
    this.#appBaseUrl = options.appBaseUrl;
  }

  getProviderName(): string {
    return 'ai-registry';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /** Makes the catalog hold exactly the models that exist. */
  async syncAll(signal?: AbortSignal): Promise<void> {
    await this.#enqueue(async connection => {
      const models = await this.#listAll(signal);
      await connection.applyMutation({
        type: 'full',
        entities: models.map(model => this.#toDeferred(model)),
      });
    });
  }

  /** Brings one model's entity up to date, or takes it away when the model is gone. */
  async syncOne(name: string): Promise<void> {
    await this.#enqueue(async connection => {
      const model = await this.#find(name);
      await connection.applyMutation({
        type: 'delta',
        added: model ? [this.#toDeferred(model)] : [],
        removed: model
          ? []
          : [{ entityRef: entityRefOf(name), locationKey: LOCATION_KEY }],
      });
    });
  }

  async #enqueue(
    mutate: (connection: EntityProviderConnection) => Promise<void>,
  ): Promise<void> {
    const connection = this.#connection;
    if (!connection) {
      throw new ServiceUnavailableError(
        'The catalog has not connected to the model registry yet',
      );
    }
    const turn = this.#queue.then(() => mutate(connection));
    this.#queue = turn.catch(() => {});
    await turn;
  }

  async #listAll(signal?: AbortSignal): Promise<Model[]> {
    const models: Model[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#registry.listModels(
        { limit: PAGE_SIZE, cursor },
        { ...(await this.#authorize()), signal },
      );
      models.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    return models;
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
      entity: toEntity(model, { appBaseUrl: this.#appBaseUrl }),
      locationKey: LOCATION_KEY,
    };
  }
}

function entityRefOf(name: string): string {
  return stringifyEntityRef({ kind: 'resource', namespace: 'default', name });
}
