import { Text } from '@backstage/ui';
import { PersonName, RelativeTime, StatusPill } from '@greenroom/ai-react';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import styles from './ReviewList.module.css';

/** Who asks on the Git host for changes, approvals there that do not count, and authors whom nobody knows. */
export function HostSays(props: {
  promotion: Pick<Promotion, 'objections' | 'uncounted' | 'strangers'>;
}) {
  const { objections = [], uncounted = [], strangers = [] } = props.promotion;
  return (
    <>
      {objections.length > 0 && (
        <ul className={styles.reviews} aria-label="Asked for changes">
          {objections.map(({ by, isKnown, text, at }) => (
            <li key={`${by} ${at}`}>
              <div className={styles.head}>
                {isKnown ? <PersonName entityRef={by} /> : <span>{by}</span>}
                <StatusPill tone={isKnown ? 'bad' : 'neutral'}>
                  {isKnown
                    ? 'asks for changes: holds the merge'
                    : 'asks for changes, unknown to the catalog'}
                </StatusPill>
                <span className={styles.when}>
                  <RelativeTime at={at} />
                </span>
              </div>
              {text && <p className={styles.comment}>{text}</p>}
            </li>
          ))}
        </ul>
      )}
      {strangers.length > 0 && (
        <Text as="p" color="secondary">
          {describeStrangers(strangers)}
        </Text>
      )}
      {uncounted.map(sentence => (
        <Text as="p" color="secondary" key={sentence}>
          {sentence}
        </Text>
      ))}
    </>
  );
}

function describeStrangers(strangers: string[]): string {
  const names = strangers.join(', ');
  return strangers.length === 1
    ? `${names} wrote this change, and is nobody whom the catalog knows: it may be one of its reviewers. One approval more is needed here, or approvals on the Git host.`
    : `${names} wrote this change, and are nobody whom the catalog knows: they may be among its reviewers. ${strangers.length} approvals more are needed here, or approvals on the Git host.`;
}
