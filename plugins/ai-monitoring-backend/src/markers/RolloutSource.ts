import type { AuthService } from '@backstage/backend-plugin-api';
import type {
  AiInferenceClient,
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { Environment } from '@greenroom/plugin-ai-registry-common';

const MOST_ROLLOUTS = 200;
const PAGE_SIZE = 500;
const TIMEOUT_MILLIS = 10_000;

/** What is deployed and how it got there, as the inference plugin tells it. */
export class RolloutSource {
  readonly #inference: AiInferenceClient;
  readonly #auth: AuthService;

  constructor(options: { inference: AiInferenceClient; auth: AuthService }) {
    this.#inference = options.inference;
    this.#auth = options.auth;
  }

  async listDeployed(query: {
    environment?: string;
    model?: string;
  }): Promise<Deployment[]> {
    const found: Deployment[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#inference.listDeployments(
        {
          ...query,
          environment: query.environment as Environment | undefined,
          limit: PAGE_SIZE,
          cursor,
        },
        await this.#call(),
      );
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  /** The newest 200 of a model, newest first. */
  async listRollouts(query: {
    environment: string;
    model: string;
  }): Promise<Rollout[]> {
    const { items } = await this.#inference.listRollouts(
      {
        environment: query.environment as Environment,
        model: query.model,
        limit: MOST_ROLLOUTS,
      },
      await this.#call(),
    );
    return items;
  }

  async #call(): Promise<{ token: string; signal: AbortSignal }> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-inference',
    });
    return { token, signal: AbortSignal.timeout(TIMEOUT_MILLIS) };
  }
}
