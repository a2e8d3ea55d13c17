import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import { closing, type ConnectedGitHost, WEBHOOK_PATH } from '../createGitHost';
import { createWebhookRouter } from './createWebhookRouter';
import { DeliveryStore } from './DeliveryStore';
import { GitHubApi } from './GitHubApi';
import { GitHubHost } from './GitHubHost';
import { Markers } from './markers';
import { Mirror } from './Mirror';
import type { GitHubSettings } from './settings';
import { signingKey } from './signingKey';

const RULES_INTERVAL_MILLIS = 3_600_000;

/** Catalog users say so which account is theirs, as Backstage's own GitHub sign-in has it. */
const ACCOUNT_ANNOTATION = 'github.com/user-login';

/** GitHub as the Git host: starts also while GitHub is away. */
export async function createGitHub(options: {
  settings: GitHubSettings;
  /** Absolute path of the copy. */
  directory: string;
  environments: readonly string[];
  knex: Knex;
  logger: LoggerService;
}): Promise<ConnectedGitHost> {
  const { settings, directory, environments, knex, logger } = options;
  const repository = `${settings.owner}/${settings.repository}`;
  const api = new GitHubApi({ settings });
  const mirror = await Mirror.open({
    directory,
    url: `${settings.pageUrl}.git`,
    token: () => api.tokens.current(),
    environments,
  });
  const markers = new Markers({ key: await signingKey(knex), repository });
  const gitHost = new GitHubHost({ settings, api, mirror, markers });
  const deliveries = new DeliveryStore(knex);
  try {
    await gitHost.refresh();
  } catch (error) {
    logger.warn(
      'GitHub does not answer yet; promotions wait until it does',
      toError(error),
    );
  }
  const { webhookSecret: secret } = settings;
  return {
    gitHost,
    accountAnnotation: ACCOUNT_ANNOTATION,
    router:
      secret === undefined
        ? undefined
        : createWebhookRouter({
            path: WEBHOOK_PATH,
            secret,
            repository,
            self: async () => (await api.self()).login,
            deliveries,
            look: hint => gitHost.refresh(hint),
            logger,
          }),
    loops: [
      closing(() => mirror.opened.close()),
      new PollingLoop({
        name: 'looking at GitHub',
        intervalMillis: settings.sweepMillis,
        logger,
        run: () => gitHost.refresh(),
      }),
      new PollingLoop({
        name: 'looking at the rules of main on GitHub',
        intervalMillis: RULES_INTERVAL_MILLIS,
        logger,
        run: async () => {
          await gitHost.ensureRules();
          for (const { kind, text } of gitHost.describe().problems) {
            if (kind === 'setup') logger.warn(`Not all is set up. ${text}`);
          }
          await deliveries.tidy();
        },
      }),
    ],
  };
}
