import { NoticeQueue, NoticeSender } from '@greenroom/ai-node';
import type { RegistryParts } from '../registryParts';
import { HookNotices } from './HookNotices';
import { noticeVersions } from './noticeVersions';
import { describeOwnerNotice } from './ownerNotice';

/** What owners hear of that others did, or that happened by itself. */
export function createNotices(parts: RegistryParts) {
  const { changes, pages } = parts;
  const queue = new NoticeQueue(parts);
  const sender = new NoticeSender({
    ...parts,
    queue,
    describe: notice => describeOwnerNotice(notice, pages),
  });
  const hooks = new HookNotices({ queue });
  changes.onRecord(noticeVersions(queue));
  changes.onRecord(hooks.follow);
  changes.onCommit(() => sender.wake());
  return { sender, hooks };
}
