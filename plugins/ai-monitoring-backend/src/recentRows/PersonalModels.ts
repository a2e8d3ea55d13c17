import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  type AiRegistryClient,
  isPersonal,
} from '@greenroom/plugin-ai-registry-common';

/** Of all questions of a pass together: nobody waits long for a registry that hangs. */
const REGISTRY_TIMEOUT_MILLIS = 10_000;

/**
 * Which models are about people, as the registry said last. It refuses to deploy them with rows that are
 * kept; but a model may be tagged at any time.
 */
export class PersonalModels {
  readonly #registry: Pick<AiRegistryClient, 'getModel'>;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  #said = new Map<string, boolean>();

  constructor(options: {
    registry: Pick<AiRegistryClient, 'getModel'>;
    auth: AuthService;
    logger: LoggerService;
  }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
    this.#logger = options.logger;
  }

  /** Undefined before the registry said so. */
  has(model: string): boolean | undefined {
    return this.#said.get(model);
  }

  /** Asks of each of these. What was said last stays where nobody answers. */
  async ask(models: readonly string[]): Promise<void> {
    if (models.length === 0) {
      this.#said = new Map();
      return;
    }
    const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS);
    const said = new Map<string, boolean>();
    const failures: Error[] = [];
    for (const model of models) {
      try {
        said.set(model, await this.#ask(model, signal));
      } catch (error) {
        failures.push(toError(error));
        const before = this.#said.get(model);
        if (before !== undefined) said.set(model, before);
      }
    }
    this.#said = said;
    if (failures.length > 0) {
      this.#logger.warn(
        `ai-registry does not say of ${failures.length} of ${models.length} models whether they are personal: their rows are kept as before`,
        failures[0],
      );
    }
  }

  async #ask(model: string, signal: AbortSignal): Promise<boolean> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    try {
      return isPersonal(
        await this.#registry.getModel(model, { token, signal }),
      );
    } catch (error) {
      // Nobody can say that its rows may be kept.
      if ((error as { statusCode?: number }).statusCode === 404) return true;
      throw error;
    }
  }
}
