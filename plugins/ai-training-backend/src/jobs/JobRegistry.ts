import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { InputError, ResponseError } from '@backstage/errors';
import { datasetFileName } from '@greenroom/bundle-file';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type {
  JobDataset,
  TemplateDataset,
} from '@greenroom/plugin-ai-training-common';
import {
  howToAskRegistry,
  type RegistryCall,
} from '../registry/registryTokenOf';

/** What jobs need of the registry, asked in the name of whoever submits them. */
export class JobRegistry {
  readonly #auth: Pick<AuthService, 'getPluginRequestToken'>;
  readonly #client: AiRegistryClient;

  constructor(options: {
    auth: Pick<AuthService, 'getPluginRequestToken'>;
    discovery: DiscoveryService;
    /** Another one in tests. */
    client?: AiRegistryClient;
  }) {
    this.#auth = options.auth;
    this.#client =
      options.client ??
      new AiRegistryClient({ discoveryApi: options.discovery });
  }

  /**
   * The version of a dataset that a job reads.
   *
   * @throws InputError when there is none
   */
  async findDataset(
    wanted: TemplateDataset,
    call: RegistryCall,
  ): Promise<JobDataset> {
    const how = await howToAskRegistry(this.#auth, call);
    const { name, dataset } = wanted;
    try {
      const version =
        wanted.version ??
        (await this.#client.getDataset(dataset, how)).latestVersion;
      if (version === undefined) {
        throw new InputError(
          `datasets.${name}: the dataset '${dataset}' has no version yet: add its rows first`,
        );
      }
      const found = await this.#client.getDatasetVersion(dataset, version, how);
      const { digest, fileDigest, format, sizeBytes = 0, uri } = found;
      return {
        name,
        dataset,
        version,
        digest,
        ...(fileDigest &&
          format && {
            file: {
              path: datasetFileName(format),
              digest: fileDigest,
              sizeBytes,
            },
          }),
        ...(uri !== undefined && { uri }),
      };
    } catch (error) {
      if (!isMissing(error)) throw inItsWords(error, `datasets.${name}`);
      throw new InputError(
        `datasets.${name}: there is no ${
          wanted.version === undefined ? '' : `version ${wanted.version} of a `
        }dataset '${dataset}': register it first, or name another version`,
      );
    }
  }

  /** Has a registered model be there, for versions to be added to. */
  async ensureModel(
    model: { name: string; owner: string },
    call: RegistryCall,
  ): Promise<void> {
    const how = await howToAskRegistry(this.#auth, call);
    try {
      await this.#client.getModel(model.name, how);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#client.createModel(
        {
          name: model.name,
          title: model.name,
          owner: model.owner,
          task: 'other',
        },
        how,
      );
    }
  }

  /** Entity ref of whoever owns something of the registry; undefined where it is not there. */
  async ownerOf(
    kind: 'dataset' | 'model',
    name: string,
    call: RegistryCall,
  ): Promise<string | undefined> {
    const how = await howToAskRegistry(this.#auth, call);
    try {
      const found =
        kind === 'dataset'
          ? await this.#client.getDataset(name, how)
          : await this.#client.getModel(name, how);
      return found.owner;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return undefined;
    }
  }
}

/** What the registry refuses a request for, where that is the fault of what is asked: without its words nobody knows what to change. */
function inItsWords(error: unknown, field: string): unknown {
  return error instanceof ResponseError && error.statusCode === 400
    ? new InputError(`${field}: ${error.body.error.message}`)
    : error;
}

function isMissing(error: unknown): boolean {
  return error instanceof ResponseError && error.statusCode === 404;
}
