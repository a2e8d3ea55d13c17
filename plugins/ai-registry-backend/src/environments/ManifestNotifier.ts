import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  NotificationSendOptions,
  NotificationService,
} from '@backstage/plugin-notifications-node';
import type { PortalPages } from '@greenroom/ai-node';
import type { EnvironmentProblem } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { ModelStore } from '../models/ModelStore';
import type { DesiredDeploymentStore } from './DesiredDeploymentStore';
import type { Commit, GitHost } from './GitHost';
import { findManifestNews, type ManifestNews } from './manifestNews';
import type { ManifestNoticeStore } from './ManifestNoticeStore';
import type { People } from './people';

/** The rest of many is told by the next pass: each takes a request while a transaction is open. */
const MOST_A_PASS = 20;

export interface ManifestNotifierOptions {
  deployments: Pick<DesiredDeploymentStore, 'problems'>;
  notices: ManifestNoticeStore;
  models: Pick<ModelStore, 'getMany'>;
  gitHost: Pick<GitHost, 'lastChange'>;
  people: Pick<People, 'actorOf'>;
  notifications: NotificationService;
  pages: Pick<PortalPages, 'model' | 'deployments'>;
  /** Entity refs of those who are told when neither an owner nor an author is known. */
  administrators: string[];
  logger: LoggerService;
  clock?: () => Date;
}

/**
 * Tells people that a manifest on main is not applied, and that it is mended: the model's owner;
 * of a model that is not known, the author; or else the administrators.
 */
export class ManifestNotifier {
  readonly #options: ManifestNotifierOptions;

  constructor(options: ManifestNotifierOptions) {
    this.#options = options;
  }

  /** What cannot be told now is told by a later pass. */
  async run(): Promise<void> {
    const { notices, logger } = this.#options;
    if ((await this.#findNews()).length === 0) return;
    await notices.alone(async tx => {
      const news = await this.#findNews(tx);
      for (const one of news.slice(0, MOST_A_PASS)) {
        try {
          await this.#tell(tx, one);
        } catch (error) {
          const { path } = one.kind === 'mended' ? one.told : one.problem;
          logger.warn(
            `Nobody could be notified about ${path}, which will be tried again`,
            toError(error),
          );
        }
      }
    });
  }

  async #findNews(tx?: Knex.Transaction): Promise<ManifestNews[]> {
    const { deployments, notices, clock = () => new Date() } = this.#options;
    const [problems, told] = await Promise.all([
      deployments.problems(),
      notices.list(tx),
    ]);
    return findManifestNews({ problems, told, now: clock() });
  }

  async #tell(tx: Knex.Transaction, news: ManifestNews): Promise<void> {
    const { notices, pages } = this.#options;
    if (news.kind === 'mended') {
      const { path, recipients } = news.told;
      await this.#send(recipients, {
        ...describeMended(path),
        link: pages.deployments(),
      });
      await notices.remove(tx, path);
      return;
    }
    const { problem, before } = news;
    const change = await this.#findChange(problem);
    const { recipients, isKnown } = await this.#whomToTell(problem, change);
    await this.#send(recipients, {
      ...describeProblem(problem, change),
      link: isKnown ? pages.model(problem.model) : pages.deployments(),
    });
    await notices.put(tx, problem, [
      ...new Set([...(before?.recipients ?? []), ...recipients]),
    ]);
  }

  /** Undefined also where the commit is not there any more, as in a replaced repository. */
  async #findChange({
    path,
    commit,
  }: EnvironmentProblem): Promise<Commit | undefined> {
    try {
      return await this.#options.gitHost.lastChange({ path, revision: commit });
    } catch (error) {
      this.#options.logger.debug(
        `Who changed ${path} last is not known`,
        toError(error),
      );
      return undefined;
    }
  }

  async #whomToTell(
    { model }: EnvironmentProblem,
    change: Commit | undefined,
  ): Promise<{ recipients: string[]; isKnown: boolean }> {
    const { models, people, administrators } = this.#options;
    const [known] = await models.getMany([model]);
    if (known) return { recipients: [known.owner], isKnown: true };
    const author = change && (await people.actorOf(change.author));
    return {
      recipients: author?.startsWith('user:') ? [author] : administrators,
      isKnown: false,
    };
  }

  async #send(
    recipients: string[],
    payload: NotificationSendOptions['payload'],
  ): Promise<void> {
    if (recipients.length === 0) {
      this.#options.logger.warn(
        `Nobody is there to be notified: '${payload.title}'; name administrators in permission.greenroom.adminGroups`,
      );
      return;
    }
    await this.#options.notifications.send({
      recipients: { type: 'entity', entityRef: recipients },
      payload,
    });
  }
}

function describeProblem(
  { path, environment, message, commit }: EnvironmentProblem,
  change: Commit | undefined,
): NotificationSendOptions['payload'] {
  const by = change ? ` by ${change.author.name}` : '';
  return {
    ...threadOf(path),
    title: `Not applied: ${path}`,
    description: `${message}. Commit ${commit.slice(0, 12)}${by}. What ran in ${
      environment || 'the environments'
    } before goes on. Push a commit that mends the file, or reverts it.`,
    severity: 'high',
  };
}

function describeMended(path: string): NotificationSendOptions['payload'] {
  return {
    ...threadOf(path),
    title: `Mended, nothing to do: ${path}`,
    description: 'What main says of it is applied.',
    severity: 'low',
  };
}

/** A later notification of the same file takes the place of an earlier one. */
function threadOf(path: string) {
  return { topic: 'ai-registry-manifest', scope: `manifest:${path}` };
}
