import type { AuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { BaselineProfile } from '@greenroom/ml-kit';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

const MAX_REMEMBERED = 200;
const REGISTRY_TIMEOUT_MILLIS = 10_000;

/**
 * Frozen profiles of versions, read from the registry once: a version never changes.
 */
export class BaselineSource {
  readonly #registry: AiRegistryClient;
  readonly #auth: AuthService;
  /** In the order of their last use. Empty for a version that has none. */
  readonly #remembered = new Map<string, { baseline?: BaselineProfile }>();

  constructor(options: { registry: AiRegistryClient; auth: AuthService }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
  }

  /**
   * @returns undefined when the version has no baseline, or does not exist
   * @throws when the registry could not answer
   */
  async find(
    model: string,
    version: number,
  ): Promise<BaselineProfile | undefined> {
    const key = `${model}/${version}`;
    const found = this.#remembered.get(key) ?? {
      baseline: await this.#fetch(model, version),
    };
    this.#remembered.delete(key);
    this.#remembered.set(key, found);
    if (this.#remembered.size > MAX_REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
    return found.baseline;
  }

  async #fetch(
    model: string,
    version: number,
  ): Promise<BaselineProfile | undefined> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    try {
      const { baseline } = await this.#registry.getVersion(model, version, {
        token,
        signal: AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS),
      });
      return baseline;
    } catch (error) {
      const { statusCode } = toError(error) as { statusCode?: number };
      if (statusCode === 404) return undefined;
      throw error;
    }
  }
}
