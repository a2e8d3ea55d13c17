import type { AuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  AiInferenceClient,
  type EnvironmentConnection,
  MAX_TOLD_MODELS,
} from '@greenroom/plugin-ai-inference-common';
import type {
  Environment,
  PluginClientOptions,
} from '@greenroom/plugin-ai-registry-common';
import type {
  ConnectionState,
  ConnectionStates,
  Offer,
} from '../../environments/ConnectionStates';

const TIMEOUT_MILLIS = 5_000;
const NOT_FOUND = 404;

/** Asks ai-inference what data planes told of connections. */
export class InferenceConnectionStates implements ConnectionStates {
  readonly #client: AiInferenceClient;
  readonly #auth: AuthService;

  constructor(options: PluginClientOptions & { auth: AuthService }) {
    this.#client = new AiInferenceClient(options);
    this.#auth = options.auth;
  }

  async find(
    environment: Environment,
    name: string,
  ): Promise<ConnectionState | undefined> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-inference',
    });
    try {
      const { items } = await this.#client.listConnections(environment, {
        token,
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      });
      const found = items.find(item => item.name === name);
      if (!found || found.check.state === 'unchecked') return undefined;
      if (found.check.state === 'fails') return found.check;
      const { state, checkedAt } = found.check;
      const silent = found.upstreams?.flatMap(upstream =>
        upstream.check.state === 'fails'
          ? `${upstream.name}: ${upstream.check.error}`
          : [],
      );
      return {
        state,
        checkedAt,
        offers: (found.upstreams ?? [found]).flatMap(offerOf),
        ...(silent?.length && { silent: silent.join('; ') }),
      };
    } catch (error) {
      // An installation without ai-inference checks nothing.
      const { statusCode } = toError(error) as { statusCode?: number };
      if (statusCode === NOT_FOUND) return undefined;
      throw error;
    }
  }
}

type Service = Pick<EnvironmentConnection, 'name' | 'kind' | 'check'>;

function offerOf({ name, kind, check }: Service): Offer[] {
  if (check.state !== 'answers') return [];
  const { models } = check;
  return [{ name, kind, models, isComplete: models.length < MAX_TOLD_MODELS }];
}
