import type {
  DueNotice,
  Notice,
  NoticeQueue,
  NoticeText,
  PortalPages,
} from '@greenroom/ai-node';
import type { RetrainingPlace } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';

export const RETRAINING_PAUSED = 'retraining-paused';

type RetrainingPaused = Notice<
  typeof RETRAINING_PAUSED,
  RetrainingPlace & { reason: string }
>;

/** Has owners told that a model is not trained again any more. */
export class RetrainingNotices {
  readonly #queue: Pick<NoticeQueue, 'add'>;

  constructor(options: { queue: Pick<NoticeQueue, 'add'> }) {
    this.#queue = options.queue;
  }

  async paused(
    tx: Knex.Transaction,
    options: RetrainingPlace & { owner: string; reason: string },
  ): Promise<void> {
    const { owner, ...data } = options;
    const notice: RetrainingPaused = {
      scope: `retraining:${data.environment}/${data.model}`,
      kind: RETRAINING_PAUSED,
      owners: [owner],
      data,
    };
    await this.#queue.add(tx, notice);
  }
}

/** What is read of it. */
export function describeRetrainingNotice(
  notice: DueNotice,
  pages: Pick<PortalPages, 'model'>,
): NoticeText {
  const { environment, model, reason } =
    notice.data as RetrainingPaused['data'];
  return {
    severity: 'high',
    topic: 'ai-training-run',
    title: `'${model}' is not trained again by itself for ${environment} any more`,
    description: `${reason} Resume it once the cause is gone.`,
    link: pages.model(model),
  };
}
