import type { AuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import type {
  AnalysisReading,
  AnalysisSource,
} from '../../rollouts/AnalysisSource';

/** Reports of ai-monitoring, which counts what data planes tell of requests. */
export class MonitoringAnalysisSource implements AnalysisSource {
  readonly #monitoring: Pick<AiMonitoringClient, 'getComparison'>;
  readonly #auth: AuthService;

  constructor(options: {
    monitoring: Pick<AiMonitoringClient, 'getComparison'>;
    auth: AuthService;
  }) {
    this.#monitoring = options.monitoring;
    this.#auth = options.auth;
  }

  async read(id: string, signal: AbortSignal): Promise<AnalysisReading> {
    try {
      const { token } = await this.#auth.getPluginRequestToken({
        onBehalfOf: await this.#auth.getOwnServiceCredentials(),
        targetPluginId: 'ai-monitoring',
      });
      const report = await this.#monitoring.getComparison(id, {
        token,
        signal,
      });
      return { kind: 'report', report };
    } catch (error) {
      return isUnknownComparison(error)
        ? { kind: 'nothing-counted' }
        : { kind: 'away', reason: describe(error) };
    }
  }
}

/** The plugin's own 404, not that of a backend which does not have the plugin. */
function isUnknownComparison(error: unknown): boolean {
  const { statusCode, body } = toError(error) as {
    statusCode?: number;
    body?: { error?: { name?: string } };
  };
  return statusCode === 404 && body?.error?.name === 'NotFoundError';
}

function describe(error: unknown): string {
  const { name, message } = toError(error);
  const { statusCode } = toError(error) as { statusCode?: number };
  if (statusCode === 404) return 'ai-monitoring is not installed';
  return name === 'TimeoutError' || name === 'AbortError'
    ? 'ai-monitoring does not answer in time'
    : `ai-monitoring cannot be asked: ${message}`;
}
