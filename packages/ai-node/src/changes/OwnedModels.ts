import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { OwnershipClaims } from '../OwnershipClaims';

const TIMEOUT_MILLIS = 10_000;
const PAGE_SIZE = 200;

/** What somebody owns, as plugins find out that do not keep the models themselves. */
export class OwnedModels {
  readonly #registry: Pick<AiRegistryClient, 'listModels'>;
  readonly #auth: AuthService;
  readonly #claims: Pick<OwnershipClaims, 'of'>;

  constructor(options: {
    registry: Pick<AiRegistryClient, 'listModels'>;
    auth: AuthService;
    claims: Pick<OwnershipClaims, 'of'>;
  }) {
    this.#registry = options.registry;
    this.#auth = options.auth;
    this.#claims = options.claims;
  }

  /** @throws ServiceUnavailableError when the registry does not answer */
  async of(
    credentials: BackstageCredentials,
  ): Promise<{ models: string[]; owners: string[] }> {
    const owners = await this.#claims.of(credentials);
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    const call = { token, signal: AbortSignal.timeout(TIMEOUT_MILLIS) };
    const models: string[] = [];
    try {
      for (const owner of owners) {
        let cursor: string | undefined;
        do {
          const page = await this.#registry.listModels(
            { owner, limit: PAGE_SIZE, cursor },
            call,
          );
          models.push(...page.items.map(({ name }) => name));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
      }
    } catch (error) {
      throw new ServiceUnavailableError(
        'The registry does not answer, so that nobody can tell which models you own: try again later',
        error,
      );
    }
    return { models, owners };
  }
}
