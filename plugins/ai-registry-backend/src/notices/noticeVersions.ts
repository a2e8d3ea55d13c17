import type { ChangeFollower, NoticeQueue } from '@greenroom/ai-node';
import type { Announcement } from '../events/announcement';
import { type OwnerNotice, versionsScope } from './ownerNotice';

/** Has owners of models told of versions that somebody else registers, from the change log. */
export function noticeVersions(
  queue: Pick<NoticeQueue, 'add'>,
): ChangeFollower<Announcement> {
  return async (tx, changes) => {
    for (const { action, model, actor, after } of changes) {
      if (action !== 'version-created' || model === undefined) continue;
      const { version } = after as { version: number };
      const { owner } = await tx('models')
        .where({ name: model })
        .first('owner');
      const notice: OwnerNotice = {
        scope: versionsScope(model),
        kind: 'version-registered',
        owners: [owner],
        actor,
        data: { model, version, by: actor },
      };
      await queue.add(tx, notice);
    }
  };
}
