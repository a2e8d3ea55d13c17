import {
  type DueNotice,
  nameOfActor,
  type Notice,
  type NoticeText,
  type PortalPages,
} from '@greenroom/ai-node';

/** What owners of models and web hooks are told. */
export type OwnerNotice =
  /** Somebody else registered a version of a model that they own. */
  | Notice<'version-registered', { model: string; version: number; by: string }>
  /** A delivery of a web hook was given up. */
  | Notice<'hook-given-up', HookData & { error: string }>
  /** Somebody else disabled it. */
  | Notice<'hook-disabled', HookData & { by: string }>
  /** Its receiver takes deliveries again. */
  | Notice<'hook-mended', HookData>;

interface HookData {
  hook: string;
}

const HOOK_SCOPE = 'web-hook:';

export const hookScope = (id: string) => `${HOOK_SCOPE}${id}`;
export const versionsScope = (model: string) => `versions:${model}`;

/** What is read of it. */
export function describeOwnerNotice(
  notice: DueNotice,
  pages: Pick<PortalPages, 'version' | 'webhook'>,
): NoticeText {
  // The queue keeps what was added to it.
  const { kind, data } = notice as Pick<OwnerNotice, 'kind' | 'data'> as {
    [K in OwnerNotice['kind']]: {
      kind: K;
      data: Extract<OwnerNotice, { kind: K }>['data'];
    };
  }[OwnerNotice['kind']];
  switch (kind) {
    case 'version-registered': {
      const { model, version, by } = data;
      const more = notice.count - 1;
      return {
        title: `Version ${version} of '${model}' was registered`,
        description:
          more === 0
            ? `By ${nameOfActor(by)}.`
            : `By ${nameOfActor(by)}, after ${more} other${
                more === 1 ? '' : 's'
              } that you have not been told of.`,
        severity: 'low',
        topic: 'ai-registry-version',
        link: pages.version(model, version),
      };
    }
    case 'hook-given-up':
      return {
        ...aboutHook(notice, pages),
        title: `The web hook '${data.hook}' is not delivered`,
        description: `${
          notice.count === 1
            ? 'A delivery was given up'
            : `${notice.count} deliveries were given up`
        } after all tries: ${
          data.error
        }. Its deliveries can be replayed once the receiver answers.`,
        severity: 'high',
      };
    case 'hook-disabled':
      return {
        ...aboutHook(notice, pages),
        title: `The web hook '${data.hook}' was disabled`,
        description: `By ${nameOfActor(
          data.by,
        )}: it tells of nothing any more.`,
        severity: 'normal',
      };
    default:
      return {
        ...aboutHook(notice, pages),
        title: `The web hook '${data.hook}' is delivered again`,
        description: 'Its receiver has taken a delivery.',
        severity: 'low',
      };
  }
}

function aboutHook(
  { scope }: Pick<DueNotice, 'scope'>,
  pages: Pick<PortalPages, 'webhook'>,
) {
  return {
    topic: 'ai-registry-web-hook',
    link: pages.webhook(scope.slice(HOOK_SCOPE.length)),
  };
}
