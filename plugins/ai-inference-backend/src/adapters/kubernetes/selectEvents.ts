import type { PodEvent } from '@greenroom/plugin-ai-inference-common';
import type { CoreV1Event } from '@kubernetes/client-node';

const MOST_MESSAGE_CHARACTERS = 1_000;

/**
 * What the cluster has told of an environment's pods, those that are gone too, and of what makes
 * them. The same about the same thing is told once, with how often.
 *
 * @param names - of the Deployments, after which the cluster names what it makes
 * @param most - events that are given, the newest
 */
export function selectEvents(
  events: readonly CoreV1Event[],
  { names, most }: { names: readonly string[]; most: number },
): { events: PodEvent[]; hasMore: boolean } {
  const found = new Map<string, PodEvent>();
  for (const event of events) {
    if (!names.some(name => isAbout(event, name))) continue;
    const told = toPodEvent(event);
    const key = JSON.stringify([
      told.type,
      told.reason,
      told.message,
      told.about,
    ]);
    const before = found.get(key);
    found.set(
      key,
      before
        ? {
            ...told,
            count: before.count + told.count,
            lastSeenAt:
              told.lastSeenAt > before.lastSeenAt
                ? told.lastSeenAt
                : before.lastSeenAt,
          }
        : told,
    );
  }
  const newest = [...found.values()].sort((a, b) =>
    b.lastSeenAt.localeCompare(a.lastSeenAt),
  );
  return { events: newest.slice(0, most), hasMore: newest.length > most };
}

/**
 * By the names that the cluster gives. What follows the Deployment's has no dash of its own, so that
 * `live` is not taken for `live-eu`.
 */
function isAbout({ involvedObject }: CoreV1Event, name: string): boolean {
  const { kind, name: about = '' } = involvedObject;
  const isPrefixed = about.startsWith(`${name}-`);
  const dashes = about.slice(name.length + 1).split('-').length - 1;
  switch (kind) {
    case 'Deployment':
    case 'HorizontalPodAutoscaler':
    case 'PodDisruptionBudget':
      return about === name;
    case 'ReplicaSet':
      return isPrefixed && dashes === 0;
    case 'Pod':
      return isPrefixed && dashes === 1;
    default:
      return false;
  }
}

function toPodEvent(event: CoreV1Event): PodEvent {
  const { involvedObject, message = '', series } = event;
  const lastSeen =
    series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.metadata.creationTimestamp ??
    new Date(0);
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message:
      message.length > MOST_MESSAGE_CHARACTERS
        ? `${message.slice(0, MOST_MESSAGE_CHARACTERS)} ...`
        : message,
    about: `${involvedObject.kind} ${involvedObject.name}`,
    count: series?.count ?? event.count ?? 1,
    lastSeenAt: new Date(lastSeen).toISOString(),
  };
}
