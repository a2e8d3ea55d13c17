import { InputError } from '@backstage/errors';
import type {
  FoundVersion,
  VersionChanges,
} from '@greenroom/plugin-ai-registry-common';
import { compileVersionSearch } from './compileSearch';
import type { RegistrySearch } from './RegisteredModels';
import type { RegistryCaller } from './RegistryCaller';
import type { RegistryCall } from './registryTokenOf';
import type { VersionContents } from './VersionContents';
import { versionUriOf } from './versionUri';
import { toModelVersionMessage } from './wire';

/** Most that the registry gives at a time. */
const PAGE = 1_000;

export interface VersionRequest {
  externalName: string;
  /** URI of where its files are. */
  source: string;
  run?: string;
  runLink?: string;
  loggedModel?: string;
  description: string;
  tags: Record<string, string>;
}

/** By what MLflow calls its model. */
export interface MlflowVersionRef {
  externalName: string;
  version: number;
}

/**
 * Versions as MLflow's protocol has them, kept by the registry and read and changed in the name of the caller. All
 * of it fails with a NotFoundError in MLflow's words where there is no such model or version.
 */
export class RegisteredVersions {
  readonly #registry: RegistryCaller;
  readonly #contents: VersionContents;

  constructor(options: {
    registry: RegistryCaller;
    contents: VersionContents;
  }) {
    this.#registry = options.registry;
    this.#contents = options.contents;
  }

  /** It is ready at once: its files are here already. */
  async create(request: VersionRequest, call: RegistryCall): Promise<object> {
    const { externalName, source: uri, description, tags } = request;
    const { content, said, source } = await this.#contents
      .find(uri, call)
      .catch(async error => {
        // That there is no such model is told first.
        await this.#registry.getModel(externalName, call);
        throw error;
      });
    const created = await this.#registry.createVersion(
      externalName,
      {
        ...said,
        ...content,
        // What the client says of it goes before what lies beside the model.
        description: description || said?.description,
        tags: { ...said?.tags, ...tags },
        source: dropUndefined({
          ...said?.source,
          uri,
          run: request.run ?? source.run,
          runLink: request.runLink,
          loggedModel: request.loggedModel ?? source.loggedModel,
        }),
      },
      call,
    );
    return toModelVersionMessage(created);
  }

  async get(ref: MlflowVersionRef, call: RegistryCall): Promise<object> {
    return toModelVersionMessage(await this.#registry.getVersion(ref, call));
  }

  /** @throws InputError in MLflow's words where the alias points at no version */
  async getByAlias(
    externalName: string,
    alias: string,
    call: RegistryCall,
  ): Promise<object> {
    const found = await this.#registry.findAliased(externalName, alias, call);
    if (found) return toModelVersionMessage(found);
    // Which of both is not there is told apart.
    await this.#registry.getModel(externalName, call);
    throw new InputError(`Registered model alias ${alias} not found.`);
  }

  async update(
    ref: MlflowVersionRef,
    changes: VersionChanges,
    call: RegistryCall,
  ): Promise<object> {
    const { model, version } = await this.#registry.getVersion(ref, call);
    await this.#registry.ask(call, (registry, options) =>
      registry.updateVersion(model, version, changes, options),
    );
    return this.get(ref, call);
  }

  async delete(ref: MlflowVersionRef, call: RegistryCall): Promise<void> {
    const { model, version } = await this.#registry.getVersion(ref, call);
    await this.#registry.ask(call, (registry, options) =>
      registry.deleteVersion(model, version, options),
    );
  }

  async search(
    { filter, orderBy, limit, pageToken }: RegistrySearch,
    call: RegistryCall,
  ): Promise<{ items: object[]; nextPageToken?: string }> {
    const search = compileVersionSearch(filter, orderBy);
    const found: FoundVersion[] = [];
    let cursor = pageToken;
    do {
      const next = {
        ...search,
        limit: Math.min(PAGE, limit - found.length),
        cursor,
      };
      const page = await this.#registry.ask(call, (registry, options) =>
        registry.searchVersions(next, options),
      );
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined && found.length < limit);
    return { items: found.map(toModelVersionMessage), nextPageToken: cursor };
  }

  /** Where its files are fetched, which is not where they once came from. */
  async downloadUri(
    ref: MlflowVersionRef,
    call: RegistryCall,
  ): Promise<string> {
    return versionUriOf(await this.#registry.getVersion(ref, call));
  }
}

function dropUndefined<T extends Record<string, string | undefined>>(
  values: T,
): { [Key in keyof T]?: string } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as { [Key in keyof T]?: string };
}
