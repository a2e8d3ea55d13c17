import type { ChangeFollower, NoticeQueue } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import type { Announcement } from '../events/announcement';
import { hookScope, type OwnerNotice } from './ownerNotice';

interface HookRow {
  id: string;
  name: string;
  created_by: string;
  owner: string | null;
}

/** Has those who answer for a web hook told when it is not delivered: who made it, and the owner of its model. */
export class HookNotices {
  readonly #queue: Pick<NoticeQueue, 'add'>;

  constructor(options: { queue: Pick<NoticeQueue, 'add'> }) {
    this.#queue = options.queue;
  }

  /** A delivery was given up. */
  async givenUp(
    tx: Knex.Transaction,
    delivery: { webhook: string; error: string },
  ): Promise<void> {
    const { error } = delivery;
    await this.#add(tx, delivery.webhook, hook => ({
      kind: 'hook-given-up',
      data: { ...hook, error },
    }));
  }

  /** A delivery has arrived after others had not. */
  async delivered(tx: Knex.Transaction, webhook: string): Promise<void> {
    await this.#add(
      tx,
      webhook,
      hook => ({ kind: 'hook-mended', data: hook }),
      { onlyAfter: 'hook-given-up' },
    );
  }

  /** Follows the change log: somebody disabled it. */
  readonly follow: ChangeFollower<Announcement> = async (tx, changes) => {
    for (const { action, subject, actor, before, after } of changes) {
      if (action !== 'webhook-updated' || subject === undefined) continue;
      const wasActive = (before as { status: string }).status === 'ACTIVE';
      const isActive = (after as { status: string }).status === 'ACTIVE';
      if (!wasActive || isActive) continue;
      await this.#add(tx, subject, hook => ({
        kind: 'hook-disabled',
        actor,
        data: { ...hook, by: actor },
      }));
    }
  };

  async #add(
    tx: Knex.Transaction,
    id: string,
    say: (hook: { hook: string }) => Say,
    options?: { onlyAfter: OwnerNotice['kind'] },
  ): Promise<void> {
    const hook: HookRow | undefined = await tx('webhooks')
      .leftJoin('models', 'models.name', 'webhooks.model')
      .where('webhooks.id', id)
      .first(
        'webhooks.id',
        'webhooks.name',
        'webhooks.created_by',
        'models.owner',
      );
    if (!hook) return;
    const { name, created_by, owner } = hook;
    await this.#queue.add(
      tx,
      {
        scope: hookScope(id),
        owners: owner === null ? [created_by] : [created_by, owner],
        ...say({ hook: name }),
      },
      options,
    );
  }
}

type Say = {
  [K in OwnerNotice['kind']]: Pick<
    Extract<OwnerNotice, { kind: K }>,
    'kind' | 'actor' | 'data'
  >;
}[OwnerNotice['kind']];
