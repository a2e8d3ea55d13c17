import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import {
  daysUntil,
  type DeprecatedThing,
  type Deprecation,
  describeDeprecated,
  type Replacement,
} from '@greenroom/plugin-ai-registry-common';
import type { DeprecationNews } from './deprecationNews';

const URGENT_DAYS = 7;

type Payload = NotificationSendOptions['payload'];

/**
 * What the owners of keys read.
 *
 * @param haveCalled - whether their keys were used lately
 */
export function describeDeprecationNews(
  thing: DeprecatedThing,
  options: {
    news: DeprecationNews;
    deprecation: Deprecation | undefined;
    haveCalled: boolean;
    now: Date;
  },
): Pick<Payload, 'title' | 'description' | 'severity'> {
  const { news, deprecation, haveCalled, now } = options;
  const about = describeDeprecated(thing);
  if (!deprecation) {
    return {
      title: `${capitalised(about)} is not deprecated any more`,
      description: 'You may go on calling it.',
      severity: 'normal',
    };
  }
  const { sunsetAt, replacement, message } = deprecation;
  const days = sunsetAt === undefined ? undefined : daysUntil(sunsetAt, now);
  return {
    title: titleOf(capitalised(about), { news, sunsetAt, days }),
    description: [
      message,
      replacement && `Use ${nameOf(replacement)} instead.`,
      sunsetAt === undefined
        ? 'No day is named yet on which it stops answering.'
        : `From ${sunsetAt} on it may stop answering.`,
      haveCalled
        ? 'A key of yours that may call it was used in the last 30 days.'
        : 'A key of yours may call it; none was used in the last 30 days.',
    ]
      .filter(Boolean)
      .join(' '),
    severity:
      haveCalled && days !== undefined && days <= URGENT_DAYS
        ? 'high'
        : 'normal',
  };
}

function titleOf(
  about: string,
  options: {
    news: DeprecationNews;
    sunsetAt: string | undefined;
    days: number | undefined;
  },
): string {
  const { news, sunsetAt, days } = options;
  if (news.kind === 'announced') return `${about} is deprecated`;
  if (days === undefined) return `${about} has no sunset any more`;
  if (days === 0) return `${about} may stop answering from now on`;
  return news.kind === 'moved'
    ? `${about} may stop answering from ${sunsetAt} on`
    : `${about} may stop answering in ${days} ${days === 1 ? 'day' : 'days'}`;
}

function nameOf({ model, version }: Replacement): string {
  return describeDeprecated({ model, version });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
