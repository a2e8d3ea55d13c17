import type { AuthService } from '@backstage/backend-plugin-api';
import type {
  NotificationSendOptions,
  NotificationService,
} from '@backstage/plugin-notifications-node';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import type { PortalPages } from '@greenroom/ai-node';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { Verdict } from '../health/health';
import type { Notice } from './notice';

const REGISTRY_TIMEOUT_MILLIS = 10_000;
const SEVERITIES = {
  alert: 'high',
  warning: 'normal',
  healthy: 'low',
} as const;

export interface OwnerNotifierOptions {
  registry: Pick<AiRegistryClient, 'getModel'>;
  notifications: NotificationService;
  pages: Pick<PortalPages, 'dashboard'>;
  auth: AuthService;
}

/** Tells a model's owners how it does. */
export class OwnerNotifier {
  readonly #options: OwnerNotifierOptions;

  constructor(options: OwnerNotifierOptions) {
    this.#options = options;
  }

  async tell({ health, measured }: Verdict, notice: Notice): Promise<void> {
    const { auth, registry, notifications, pages } = this.#options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS);
    const { owner } = await registry.getModel(health.model, { token, signal });
    await notifications.send({
      recipients: { type: 'entity', entityRef: owner },
      payload: {
        ...describeNotice({ ...health, reasons: measured.reasons }, notice),
        link: pages.dashboard(health),
      },
    });
  }
}

export function describeNotice(
  { environment, model, reasons, span }: ModelHealth,
  { from, to }: Notice,
): NotificationSendOptions['payload'] {
  const about = `'${model}' in ${environment}`;
  return {
    title: to === 'healthy' ? `${about}: well again` : `${about}: ${to}`,
    description:
      to === 'healthy'
        ? `The ${from} is over: errors, latency and input data were as they should be in the 5 minutes before ${span.to.slice(
            11,
            16,
          )} UTC.`
        : reasons.join(' '),
    severity: SEVERITIES[to],
    topic: 'ai-monitoring-health',
    scope: `health:${environment}/${model}`,
  };
}
