import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { isError, NotFoundError, ResponseError } from '@backstage/errors';
import {
  AiRegistryClient,
  type FoundVersion,
  type Model,
  type NewVersion,
  type RequestOptions,
  type VersionSearch,
} from '@greenroom/plugin-ai-registry-common';
import { MlflowError, type MlflowErrorCode } from '../mlflow/MlflowError';
import { type RegistryCall, registryTokenOf } from './registryTokenOf';

/** What the registry's refusals are called in MLflow's protocol; of others, nobody is told. */
const CODE_OF_STATUS: Record<number, MlflowErrorCode> = {
  400: 'INVALID_PARAMETER_VALUE',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  409: 'RESOURCE_CONFLICT',
  413: 'INVALID_PARAMETER_VALUE',
};

/** Less than the 120 seconds that MLflow's client waits: it is told why. */
const ANSWER_MILLIS = 110_000;

/** The registry, asked in the name of whoever asks here. */
export class RegistryCaller {
  readonly #auth: Pick<AuthService, 'getPluginRequestToken'>;
  readonly #client: AiRegistryClient;
  readonly #answerMillis: number;

  constructor(options: {
    auth: Pick<AuthService, 'getPluginRequestToken'>;
    discovery: DiscoveryService;
    /** Another one in tests. */
    client?: AiRegistryClient;
    /** How long its answer is waited for; 110 seconds when it is not named. */
    answerMillis?: number;
  }) {
    this.#auth = options.auth;
    this.#answerMillis = options.answerMillis ?? ANSWER_MILLIS;
    this.#client =
      options.client ??
      new AiRegistryClient({ discoveryApi: options.discovery });
  }

  /**
   * Asks the registry something.
   *
   * @throws MlflowError that says what it refused
   */
  async ask<T>(
    call: RegistryCall,
    question: (client: AiRegistryClient, options: RequestOptions) => Promise<T>,
  ): Promise<T> {
    const token = await registryTokenOf(this.#auth, call);
    try {
      return await question(this.#client, {
        token,
        signal: AbortSignal.timeout(this.#answerMillis),
      });
    } catch (error) {
      throw toRefusal(error);
    }
  }

  /** @throws NotFoundError in MLflow's words */
  async getModel(externalName: string, call: RegistryCall): Promise<Model> {
    const { items } = await this.ask(call, (registry, options) =>
      registry.searchModels(
        {
          conditions: [
            { field: 'externalName', comparator: '=', values: [externalName] },
          ],
          limit: 1,
        },
        options,
      ),
    );
    if (items.length > 0) return items[0];
    throw missingModel(externalName);
  }

  /** @throws NotFoundError in MLflow's words */
  async getVersion(
    ref: { externalName: string; version: number },
    call: RegistryCall,
  ): Promise<FoundVersion> {
    const { externalName, version } = ref;
    const { items } = await this.ask(call, (registry, options) =>
      registry.searchVersions(
        {
          conditions: [
            { field: 'externalName', comparator: '=', values: [externalName] },
            { field: 'version', comparator: '=', value: version },
          ],
          limit: 1,
        },
        options,
      ),
    );
    if (items.length > 0) return items[0];
    // Which of both is not there is told apart.
    await this.getModel(externalName, call);
    throw new NotFoundError(
      `Model Version (name=${externalName}, version=${version}) not found`,
    );
  }

  /** What an alias of a model points at; undefined where there is no such model or alias. */
  async findAliased(
    externalName: string,
    alias: string,
    call: RegistryCall,
  ): Promise<FoundVersion | undefined> {
    const { items } = await this.ask(call, (registry, options) =>
      registry.searchVersions(
        {
          conditions: [
            { field: 'externalName', comparator: '=', values: [externalName] },
            { field: 'alias', value: alias },
          ],
          limit: 1,
        },
        options,
      ),
    );
    return items[0];
  }

  /** @throws NotFoundError in MLflow's words where there is no such model */
  async createVersion(
    externalName: string,
    version: NewVersion,
    call: RegistryCall,
  ): Promise<FoundVersion> {
    try {
      return await this.ask(call, (registry, options) =>
        registry.createVersionOf(externalName, version, options),
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw missingModel(externalName);
    }
  }

  /** The newest of each stage of models, all pages of them. */
  async listLatest(
    models: readonly Pick<Model, 'name'>[],
    call: RegistryCall,
  ): Promise<FoundVersion[]> {
    if (models.length === 0) return [];
    const found: FoundVersion[] = [];
    const search: VersionSearch = {
      conditions: [
        {
          field: 'model',
          comparator: 'IN',
          values: models.map(({ name }) => name),
        },
      ],
      latestOfStages: true,
      limit: 1_000,
    };
    let cursor: string | undefined;
    do {
      const next = { ...search, cursor };
      const page = await this.ask(call, (registry, options) =>
        registry.searchVersions(next, options),
      );
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }
}

function missingModel(externalName: string): NotFoundError {
  return new NotFoundError(
    `Registered Model with name=${externalName} not found`,
  );
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof MlflowError &&
    error.errorCode === 'RESOURCE_DOES_NOT_EXIST'
  );
}

function toRefusal(error: unknown): unknown {
  if (isError(error) && error.name === 'TimeoutError') {
    return new MlflowError(
      'DEADLINE_EXCEEDED',
      'The registry did not answer in time: look whether it has done what was asked before you ask again',
    );
  }
  if (!(error instanceof ResponseError)) return error;
  const code = CODE_OF_STATUS[error.statusCode];
  // Whose fault a 401 is, or what is away, `answerFailures` says.
  return code ? new MlflowError(code, error.body.error.message) : error;
}
