import type { AuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  AiInferenceClient,
  type DataPlaneRun,
} from '@greenroom/plugin-ai-inference-common';
import type {
  Environment,
  PluginClientOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { DataPlaneWaker } from '../../evaluationRuns/DataPlaneWaker';

const TIMEOUT_MILLIS = 5_000;
const NOT_FOUND = 404;

/** Asks ai-inference to have data planes run. */
export class InferenceDataPlanes implements DataPlaneWaker {
  readonly #client: AiInferenceClient;
  readonly #auth: AuthService;

  constructor(options: PluginClientOptions & { auth: AuthService }) {
    this.#client = new AiInferenceClient(options);
    this.#auth = options.auth;
  }

  async wake(environment: Environment): Promise<string> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-inference',
    });
    try {
      const { run } = await this.#client.wakeDataPlane(environment, {
        token,
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      });
      return describe(environment, run);
    } catch (error) {
      // An installation without ai-inference starts none.
      const { statusCode } = toError(error) as { statusCode?: number };
      if (statusCode !== NOT_FOUND) throw error;
      return describe(environment, { state: 'unmanaged' });
    }
  }
}

function describe(environment: Environment, run: DataPlaneRun): string {
  switch (run.state) {
    case 'unmanaged':
      return `A data plane of ${environment} is to take it; whoever runs the portal starts them.`;
    case 'running':
      return `The data plane of ${environment} is to take it.`;
    case 'failing':
      return `The data plane of ${environment} does not stay up, and is tried again: ${run.reason}`;
    default:
      return `The data plane of ${environment} starts for it.`;
  }
}
