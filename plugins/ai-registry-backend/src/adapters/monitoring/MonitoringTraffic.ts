import { ForwardedError, toError } from '@backstage/errors';
import type { AuthService } from '@backstage/backend-plugin-api';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import type { PluginClientOptions } from '@greenroom/plugin-ai-registry-common';
import type {
  AnsweredRow,
  Traffic,
  TrafficPlace,
} from '../../promotion/evidence/Traffic';

const TIMEOUT_MILLIS = 30_000;
const NOT_FOUND = 404;
const DAY_MILLIS = 24 * 3_600_000;

/** Asks ai-monitoring what callers ask. */
export class MonitoringTraffic implements Traffic {
  readonly #client: AiMonitoringClient;
  readonly #auth: AuthService;

  constructor(options: PluginClientOptions & { auth: AuthService }) {
    this.#client = new AiMonitoringClient(options);
    this.#auth = options.auth;
  }

  async recentRows(where: TrafficPlace): Promise<AnsweredRow[]> {
    const options = await this.#options(where);
    const { items } = await explained(
      this.#client.listRecentRows(where, options),
    );
    return items;
  }

  async driftFor(candidate: number, where: TrafficPlace) {
    const now = Date.now();
    const options = await this.#options(where);
    return explained(
      this.#client.getCandidateDrift(
        {
          ...where,
          candidate,
          from: new Date(now - DAY_MILLIS).toISOString(),
          to: new Date(now).toISOString(),
        },
        options,
      ),
    );
  }

  async #options({ signal }: TrafficPlace) {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-monitoring',
    });
    return {
      token,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
    };
  }
}

/** Also a portal without ai-monitoring is told what is missing. */
async function explained<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const { statusCode } = toError(error) as { statusCode?: number };
    throw new ForwardedError(
      statusCode === NOT_FOUND
        ? 'The plugin ai-monitoring, which knows what callers ask, is not installed'
        : 'The plugin ai-monitoring does not say what callers ask',
      error,
    );
  }
}
