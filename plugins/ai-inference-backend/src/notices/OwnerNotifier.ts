import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  NotificationSendOptions,
  NotificationService,
} from '@backstage/plugin-notifications-node';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { PortalPages } from '@greenroom/ai-node';
import { forEachConcurrently } from '../concurrency';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import { loadProgress } from '../dataPlanes/loadProgress';
import { type Decision, decisionOf } from './decision';
import { nextNotice, type Notice } from './notice';
import type { NoticeStore, Watched } from './NoticeStore';

const REGISTRY_TIMEOUT_MILLIS = 10_000;
/** Notices that are sent at the same time; each takes a database connection. */
const CONCURRENT_NOTICES = 2;

export interface OwnerNotifierOptions {
  notices: NoticeStore;
  dataPlanes: DataPlaneStore;
  registry: Pick<AiRegistryClient, 'getModel'>;
  notifications: NotificationService;
  pages: Pick<PortalPages, 'deployments'>;
  auth: AuthService;
  logger: LoggerService;
  clock: () => Date;
}

/**
 * Tells a model's owners once that the version they want does not load, and once that it does;
 * and what was decided about its rollout by no person, or waits for one.
 */
export class OwnerNotifier {
  readonly #options: OwnerNotifierOptions;

  constructor(options: OwnerNotifierOptions) {
    this.#options = options;
  }

  /** One pass over all deployments. What cannot be told now is told by a later pass. */
  async run(signal: AbortSignal): Promise<void> {
    const { notices, dataPlanes, clock, logger } = this.#options;
    const watched = await notices.list();
    const seen = await dataPlanes.list({ now: clock() });
    const news = watched.flatMap(item => {
      const { environment, model, wanted, told } = item;
      const progress = loadProgress(
        seen.filter(dataPlane => dataPlane.environment === environment),
        { model, ...wanted },
      );
      const notice = nextNotice({ wanted, progress, told });
      const decision = decisionOf({ ...item, id: item.rolloutId, ...wanted });
      return [
        ...(notice ? [{ item, tell: () => this.#tell(item, notice) }] : []),
        ...(decision && decision.key !== item.toldDecision
          ? [{ item, tell: () => this.#tellDecision(item, decision) }]
          : []),
      ];
    });
    await forEachConcurrently(
      news,
      CONCURRENT_NOTICES,
      async ({ item, tell }) => {
        if (signal.aborted) return;
        try {
          await tell();
        } catch (error) {
          logger.warn(
            `The owners of '${item.model}' could not be told about ${item.environment}, which will be tried again`,
            toError(error),
          );
        }
      },
    );
  }

  async #tell(item: Watched, notice: Notice): Promise<void> {
    const { notices, notifications, pages, clock } = this.#options;
    const owner = await this.#ownerOf(item.model);
    await notices.tell(item, {
      told:
        notice.kind === 'mended'
          ? undefined
          : {
              version: notice.version,
              reason: notice.reason,
              at: clock().toISOString(),
            },
      send: () =>
        notifications.send({
          recipients: { type: 'entity', entityRef: owner },
          payload: {
            ...describe(item, notice),
            link: pages.deployments(item.environment),
          },
        }),
    });
  }

  async #tellDecision(
    item: Watched,
    { key, title, description, severity }: Decision,
  ): Promise<void> {
    const { notices, notifications, pages } = this.#options;
    const { environment, model } = item;
    const owner = await this.#ownerOf(model);
    await notices.tellDecision(item, {
      key,
      send: () =>
        notifications.send({
          recipients: { type: 'entity', entityRef: owner },
          payload: {
            title,
            description,
            severity,
            topic: 'ai-inference-rollout',
            scope: `rollout:${environment}/${model}`,
            link: pages.deployments(environment),
          },
        }),
    });
  }

  async #ownerOf(model: string): Promise<string> {
    const { auth, registry } = this.#options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS);
    return (await registry.getModel(model, { token, signal })).owner;
  }
}

function describe(
  { environment, model }: Watched,
  notice: Notice,
): NotificationSendOptions['payload'] {
  const about = `'${model}' in ${environment}: version ${notice.version}`;
  const common = {
    topic: 'ai-inference-deployment',
    scope: `deployment:${environment}/${model}`,
  };
  return notice.kind === 'mended'
    ? {
        ...common,
        title: `${about} is loaded`,
        description: `It is ready on every data plane of ${environment} that is online.`,
        severity: 'normal',
      }
    : {
        ...common,
        title: notice.elsewhere
          ? `${about} does not load everywhere`
          : `${about} does not load`,
        description: `${notice.reason}. It is tried again until it loads.`,
        severity: 'high',
      };
}
