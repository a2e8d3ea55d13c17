import { Alert } from '@backstage/ui';
import {
  daysUntil,
  type DeprecatedThing,
  type Deprecation,
  describeDeprecated,
} from '@greenroom/plugin-ai-registry-common';
import { formatMoment } from '../format';
import { PersonName } from './PersonName';
import { RouteLink } from './RouteLink';

/** Whole days before a sunset from which on it is shown as urgent. */
const URGENT_DAYS = 7;

export interface DeprecationAlertProps {
  thing: DeprecatedThing;
  deprecation: Deprecation;
  now: Date;
  /** Page of what to use instead; left out where there is none. */
  replacementHref?: string;
}

/** Something that should not be used any more: why, until when, and what to use instead. */
export function DeprecationAlert(props: DeprecationAlertProps) {
  const { thing, deprecation, now, replacementHref } = props;
  const { replacement, sunsetAt, message, deprecatedBy, since } = deprecation;
  const days = sunsetAt === undefined ? undefined : daysUntil(sunsetAt, now);
  const about = describeDeprecated(thing);
  return (
    <Alert
      icon
      status={days !== undefined && days <= URGENT_DAYS ? 'danger' : 'warning'}
      title={`${about.charAt(0).toUpperCase()}${about.slice(
        1,
      )} is deprecated: ${sunsetInWords(days)}`}
      description={
        <>
          {message}{' '}
          {replacement && (
            <>
              Use{' '}
              <RouteLink to={replacementHref}>
                {describeDeprecated(replacement)}
              </RouteLink>{' '}
              instead.{' '}
            </>
          )}
          {sunsetAt !== undefined && `Sunset on ${formatMoment(sunsetAt)}. `}
          Deprecated on {formatMoment(since)} by{' '}
          <PersonName entityRef={deprecatedBy} />.
        </>
      }
    />
  );
}

function sunsetInWords(days: number | undefined): string {
  if (days === undefined) return 'no day is named on which it stops answering';
  if (days === 0) return 'it may stop answering at any time';
  return `${days} ${days === 1 ? 'day' : 'days'} left`;
}
