import type { AuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  AiInferenceClient,
  type Deployment,
} from '@greenroom/plugin-ai-inference-common';
import type { PluginClientOptions } from '@greenroom/plugin-ai-registry-common';
import type { Serving, ServingState } from '../../environments/ServingState';

const TIMEOUT_MILLIS = 5_000;

/** Asks ai-inference what is served. */
export class InferenceServingState implements ServingState {
  readonly #client: AiInferenceClient;
  readonly #auth: AuthService;

  constructor(options: PluginClientOptions & { auth: AuthService }) {
    this.#client = new AiInferenceClient(options);
    this.#auth = options.auth;
  }

  async find(
    place: Parameters<ServingState['find']>[0],
  ): Promise<Serving | undefined> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-inference',
    });
    const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
    try {
      const { items } = await this.#client.listDeployments(place, {
        token,
        signal,
      });
      return items[0] && toServing(items[0]);
    } catch (error) {
      // An installation without ai-inference serves nothing.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

export function toServing(deployment: Deployment): Serving {
  const { wanted, variants, dataPlanes, convergence, rollout } = deployment;
  return {
    commit: wanted.commit,
    variants: variants.map(({ version, weightPercent }) => ({
      version,
      weightPercent,
    })),
    dataPlanes: dataPlanes.total,
    onDemand: dataPlanes.onDemand ?? false,
    state: convergence.state,
    reason: 'reason' in convergence ? convergence.reason : undefined,
    acts:
      rollout?.commit === wanted.commit
        ? rollout.history.flatMap(({ at, by, note }) =>
            by === undefined ? [] : { at, by, note },
          )
        : [],
  };
}

function isNotFound(error: unknown): boolean {
  const { statusCode } = toError(error) as { statusCode?: number };
  return statusCode === 404;
}
