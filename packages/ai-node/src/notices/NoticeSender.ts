import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { PollingLoop } from '../PollingLoop';
import type { Loop } from '../runLoops';
import type { DueNotice, NoticeQueue } from './NoticeQueue';

/** What owners read. */
export interface NoticeText {
  title: string;
  description: string;
  severity: 'low' | 'normal' | 'high';
  /** What people may switch off in their notification settings. */
  topic: string;
  /** Path in the portal. */
  link: string;
}

const INTERVAL_MILLIS = 5_000;
const TIDY_INTERVAL_MILLIS = 60 * 60_000;
const BATCH_SIZE = 20;
const SEND_MILLIS = 10_000;

/** Tries of one notice, the first included: about a day. */
const MOST_ATTEMPTS = 30;
const FIRST_AGAIN_MILLIS = 10_000;
const LONGEST_AGAIN_MILLIS = 60 * 60_000;

/** How long to wait after so many failures, in milliseconds; undefined: it is not told any more. */
export function noticeAgainMillis(attempts: number): number | undefined {
  return attempts >= MOST_ATTEMPTS
    ? undefined
    : Math.min(LONGEST_AGAIN_MILLIS, FIRST_AGAIN_MILLIS * 2 ** (attempts - 1));
}

/**
 * Tells owners what waits in a {@link NoticeQueue}, apart from whatever made it: that notifications cannot be sent
 * fails and delays no change. One that cannot be sent holds up no other.
 */
export class NoticeSender implements Loop {
  readonly #queue: NoticeQueue;
  readonly #notifications: NotificationService;
  readonly #describe: (notice: DueNotice) => NoticeText;
  readonly #logger: LoggerService;
  readonly #sendMillis: number;
  readonly #sending: PollingLoop;
  readonly #tidying: PollingLoop;

  constructor(options: {
    queue: NoticeQueue;
    notifications: NotificationService;
    describe: (notice: DueNotice) => NoticeText;
    logger: LoggerService;
    /** How long the notifications service is waited for; 10 seconds when it is not named. */
    sendMillis?: number;
  }) {
    const { queue, logger } = options;
    this.#queue = queue;
    this.#notifications = options.notifications;
    this.#describe = options.describe;
    this.#logger = logger;
    this.#sendMillis = options.sendMillis ?? SEND_MILLIS;
    this.#sending = new PollingLoop({
      name: 'Telling owners',
      intervalMillis: INTERVAL_MILLIS,
      logger,
      run: signal => this.sendDue(signal),
    });
    this.#tidying = new PollingLoop({
      name: 'Forgetting what owners were told',
      intervalMillis: TIDY_INTERVAL_MILLIS,
      logger,
      run: () => queue.tidy(),
    });
  }

  start(): void {
    this.#sending.start();
    this.#tidying.start();
  }

  /** There may be something to tell. */
  wake(): void {
    this.#sending.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sending.stop(), this.#tidying.stop()]);
  }

  /** Tells all that is due, each once; processes share the work. */
  async sendDue(signal?: AbortSignal): Promise<void> {
    for (;;) {
      if (signal?.aborted) return;
      const due = await this.#queue.claim(BATCH_SIZE);
      await Promise.all(due.map(notice => this.#tell(notice)));
      if (due.length < BATCH_SIZE) return;
    }
  }

  async #tell(notice: DueNotice): Promise<void> {
    try {
      await this.#send(notice);
    } catch (error) {
      const againMillis = noticeAgainMillis(notice.attempts);
      this.#logger.warn(
        `The owners of '${notice.scope}' could not be told of ${
          notice.count
        } × ${notice.kind}, which ${
          againMillis === undefined
            ? `was tried ${notice.attempts} times and is not tried again`
            : 'will be tried again'
        }`,
        toError(error),
      );
      await this.#queue.failed(notice, againMillis);
      return;
    }
    await this.#queue.told(notice);
  }

  async #send(notice: DueNotice): Promise<void> {
    const { owners, actor, scope } = notice;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(
              `The notifications plugin has not answered for ${
                this.#sendMillis
              } ms`,
            ),
          ),
        this.#sendMillis,
      );
    });
    try {
      await Promise.race([
        this.#notifications.send({
          recipients: {
            type: 'entity',
            entityRef: owners,
            // A member of a group that owns it, who did it.
            ...(actor?.startsWith('user:') && { excludeEntityRef: actor }),
          },
          payload: { ...this.#describe(notice), scope },
        }),
        late,
      ]);
    } finally {
      clearTimeout(timer);
    }
  }
}
