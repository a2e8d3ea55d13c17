import { Text } from '@backstage/ui';
import { PersonName, RelativeTime, StatusPill } from '@greenroom/ai-react';
import type { Review } from '@greenroom/plugin-ai-registry-common';
import styles from './ReviewList.module.css';

/** What does not count any more is neither good nor bad. */
function toneOf({ verdict, isOutdated }: Review) {
  if (isOutdated) return 'neutral';
  return verdict === 'approved' ? 'good' : 'bad';
}

/** What reviewers said, oldest first. */
export function ReviewList(props: { reviews: Review[]; isOpen: boolean }) {
  const { reviews, isOpen } = props;
  if (reviews.length === 0) {
    return (
      <Text as="p" color="secondary">
        {isOpen ? 'Nobody has reviewed it yet.' : 'It went without a review.'}
      </Text>
    );
  }
  return (
    <ul className={styles.reviews}>
      {reviews.map(review => (
        <li key={`${review.reviewer} ${review.at}`}>
          <div className={styles.head}>
            <PersonName entityRef={review.reviewer} />
            <StatusPill tone={toneOf(review)}>
              {review.verdict}
              {review.via === 'git-host' && ' on the Git host'}
              {review.isOutdated && ', before the branch was changed'}
            </StatusPill>
            <span className={styles.when}>
              <RelativeTime at={review.at} />
            </span>
          </div>
          {review.accepts && (
            <p className={styles.comment}>
              Lets pass without proof: {review.accepts.join(', ')}
            </p>
          )}
          {review.comment && <p className={styles.comment}>{review.comment}</p>}
        </li>
      ))}
    </ul>
  );
}
