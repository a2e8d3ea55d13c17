import type { AuthService } from '@backstage/backend-plugin-api';
import type {
  AiRegistryClient,
  StoredReference,
} from '@greenroom/plugin-ai-registry-common';

/** Of the version and its rows together. */
const REGISTRY_TIMEOUT_MILLIS = 30_000;
/** 1,000 rows of 10,000 features as JSON are about this much. */
const MOST_BYTES = 256 * 1024 ** 2;

/** The reference rows that the registry keeps of versions. Not remembered: they are seldom asked for, and large. */
export class ReferenceSource {
  readonly #registry: Pick<AiRegistryClient, 'getVersion' | 'downloadArtifact'>;
  readonly #auth: AuthService;

  constructor(options: {
    registry: Pick<AiRegistryClient, 'getVersion' | 'downloadArtifact'>;
    auth: AuthService;
  }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
  }

  /**
   * @returns undefined where none were kept, or the version does not exist
   * @throws when the registry could not answer
   */
  async find(
    model: string,
    version: number,
  ): Promise<StoredReference | undefined> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    const options = {
      token,
      signal: AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS),
    };
    try {
      const { reference } = await this.#registry.getVersion(
        model,
        version,
        options,
      );
      if (!reference || reference.sizeBytes > MOST_BYTES) return undefined;
      const response = await this.#registry.downloadArtifact(
        reference.digest,
        options,
      );
      return await response.json();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) {
        return undefined;
      }
      throw error;
    }
  }
}
