import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { PortalPages } from '@greenroom/ai-node';
import type { Consumer } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { forEachConcurrently } from '../concurrency';
import type { InferenceChanges } from '../events/announcement';
import type { ConsumerStore } from './ConsumerStore';
import type {
  DeprecationCopyStore,
  WatchedDeprecation,
} from './DeprecationCopyStore';
import { type DeprecationNews, deprecationNews } from './deprecationNews';
import { describeDeprecationNews } from './describeDeprecationNews';

const ACTOR = 'service:ai-inference';
/** Each takes a database connection. */
const CONCURRENT_NOTICES = 2;
/** Whoever used a key within that time counts as one who still calls. */
const LATELY_MILLIS = 30 * 24 * 60 * 60_000;

export interface ConsumerNotifierOptions {
  copies: DeprecationCopyStore;
  consumers: ConsumerStore;
  changes: InferenceChanges;
  notifications: NotificationService;
  pages: Pick<PortalPages, 'model'>;
  logger: LoggerService;
  clock: () => Date;
}

/** Tells the owners of keys what is deprecated of that which they may call, and when its sunset nears. */
export class ConsumerNotifier {
  readonly #options: ConsumerNotifierOptions;

  constructor(options: ConsumerNotifierOptions) {
    this.#options = options;
  }

  /** One pass. What cannot be told now is told by a later one. */
  async run(signal: AbortSignal): Promise<void> {
    const { copies, clock, logger } = this.#options;
    const now = clock();
    const due = (await copies.listWatched()).flatMap(watched => {
      const { deprecation, told } = watched;
      const news = deprecationNews({ deprecation, told, now });
      return news ? [{ watched, news }] : [];
    });
    await forEachConcurrently(
      due,
      CONCURRENT_NOTICES,
      async ({ watched, news }) => {
        if (signal.aborted) return;
        try {
          await this.#tell(watched, news, now);
        } catch (error) {
          logger.warn(
            `The owners of keys for '${watched.model}' could not be told of its deprecation, which will be tried again`,
            toError(error),
          );
        }
      },
    );
  }

  async #tell(
    watched: WatchedDeprecation,
    news: DeprecationNews,
    now: Date,
  ): Promise<void> {
    const { copies, consumers, changes } = this.#options;
    const { model, version } = watched;
    const all = (await consumers.of(model, now)).filter(isEntity);
    await copies.tell(watched, {
      told: news.told,
      send: async (tx: Knex.Transaction) => {
        await changes.record(tx, {
          action: 'deprecation-told',
          actor: ACTOR,
          model,
          after: {
            ...(version !== undefined && { version }),
            news: news.kind,
            to: all.map(({ owner }) => owner),
          },
          announce: [],
        });
        const latelyFrom = new Date(now.getTime() - LATELY_MILLIS);
        for (const haveCalled of [true, false]) {
          const some = all.filter(
            consumer => isUsedAfter(consumer, latelyFrom) === haveCalled,
          );
          await this.#send(some, watched, { news, haveCalled, now });
        }
      },
    });
  }

  async #send(
    to: Consumer[],
    watched: WatchedDeprecation,
    options: { news: DeprecationNews; haveCalled: boolean; now: Date },
  ): Promise<void> {
    if (to.length === 0) return;
    const { notifications, pages } = this.#options;
    const { model, version, deprecation } = watched;
    await notifications.send({
      recipients: { type: 'entity', entityRef: to.map(({ owner }) => owner) },
      payload: {
        ...describeDeprecationNews(watched, { ...options, deprecation }),
        topic: 'ai-inference-deprecation',
        scope:
          version === undefined
            ? `deprecation:${model}`
            : `deprecation:${model}/${version}`,
        link: pages.model(model),
      },
    });
  }
}

/** Programs that own keys have nobody who reads. */
function isEntity({ owner }: Consumer): boolean {
  return !owner.startsWith('service:');
}

function isUsedAfter({ lastUsedAt }: Consumer, from: Date): boolean {
  return lastUsedAt !== undefined && Date.parse(lastUsedAt) >= from.getTime();
}
