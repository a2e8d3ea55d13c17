import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { NotFoundError, ResponseError } from '@backstage/errors';
import {
  AiRegistryClient,
  type Model,
  type ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import {
  howToAskRegistry,
  type RegistryCall,
} from '../registry/registryTokenOf';

/** What conversions need of the registry, asked in the name of whoever asks here. */
export class ConversionRegistry {
  readonly #auth: Pick<AuthService, 'getPluginRequestToken'>;
  readonly #client: AiRegistryClient;

  constructor(options: {
    auth: Pick<AuthService, 'getPluginRequestToken'>;
    discovery: DiscoveryService;
  }) {
    this.#auth = options.auth;
    this.#client = new AiRegistryClient({ discoveryApi: options.discovery });
  }

  /** @throws NotFoundError where there is none, or the caller may not know of it */
  async getVersion(
    { model, version }: { model: string; version: number },
    call: RegistryCall,
  ): Promise<{ model: Model; version: ModelVersion }> {
    const how = await howToAskRegistry(this.#auth, call);
    try {
      return {
        model: await this.#client.getModel(model, how),
        version: await this.#client.getVersion(model, version, how),
      };
    } catch (error) {
      if (!(error instanceof ResponseError) || error.statusCode !== 404) {
        throw error;
      }
      throw new NotFoundError(error.body.error.message);
    }
  }

  /** The version of a model that a run has registered. */
  async findMade(
    { model, run }: { model: string; run: string },
    call: RegistryCall,
  ): Promise<number | undefined> {
    const { items } = await this.#client.searchVersions(
      {
        conditions: [
          { field: 'model', comparator: '=', values: [model] },
          { field: 'run', comparator: '=', values: [run] },
        ],
        order: [{ by: 'version', descending: true }],
        limit: 1,
      },
      await howToAskRegistry(this.#auth, call),
    );
    return items.at(0)?.version;
  }
}
