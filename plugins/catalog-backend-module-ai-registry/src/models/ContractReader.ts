import {
  toContract,
  type VersionContract,
} from '@greenroom/plugin-ai-inference-common';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { PluginCaller } from '../PluginCaller';
import type { ServedVersion } from './deployedModel';

/** The file of a bundle which says that its model embeds texts by itself. */
const LANGUAGE_FILE = 'language.json';

/** Reads out of the registry what callers have to know of versions. */
export class ContractReader {
  readonly #registry: AiRegistryClient;
  readonly #call: PluginCaller;

  constructor(options: { registry: AiRegistryClient; call: PluginCaller }) {
    this.#registry = options.registry;
    this.#call = options.call;
  }

  /**
   * @param options.isPersonal - whether nothing may be told of the rows that the version was made with
   * @throws Error that says which version could not be read and why
   */
  async read(
    model: string,
    { version, digest }: ServedVersion,
    options: { isPersonal: boolean },
  ): Promise<VersionContract> {
    const found = await this.#registry.getVersion(
      model,
      version,
      await this.#call('ai-registry'),
    );
    if (found.digest !== digest) {
      throw new Error(
        `version ${version} of '${model}' is deployed as ${digest}, but the registry has ${found.digest}`,
      );
    }
    const { baseline, ...facts } = found;
    return toContract(options.isPersonal ? facts : { ...facts, baseline }, {
      embeds: await this.#embeds(model, found),
    });
  }

  async #embeds(
    model: string,
    {
      version,
      files,
      format,
    }: { version: number; files?: number; format: string },
  ): Promise<boolean> {
    if (format !== 'onnx' || files === undefined) return false;
    const { items } = await this.#registry.listVersionFiles(
      model,
      version,
      await this.#call('ai-registry'),
    );
    return items.some(({ path }) => path.split('/').at(-1) === LANGUAGE_FILE);
  }
}
