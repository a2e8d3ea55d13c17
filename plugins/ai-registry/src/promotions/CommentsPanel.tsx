import { Panel, RelativeTime } from '@greenroom/ai-react';
import type { PromotionDetail } from '@greenroom/plugin-ai-registry-common';
import styles from './ReviewList.module.css';

/** As many as the registry tells. */
const MOST = 100;

/** What was said below the change request; nothing where nothing was. */
export function CommentsPanel(props: {
  comments: PromotionDetail['comments'];
}) {
  const { comments } = props;
  if (comments.length === 0) return null;
  return (
    <Panel
      title="Comments"
      description={
        comments.length < MOST
          ? 'Below the change request, in the portal and on the Git host.'
          : `The last ${MOST} below the change request. All of them are on the Git host.`
      }
    >
      <ul className={styles.reviews} aria-label="Comments">
        {comments.map(({ author, text, at }, index) => (
          <li key={`${at} ${index}`}>
            <div className={styles.head}>
              <strong>{author}</strong>
              <span className={styles.when}>
                <RelativeTime at={at} />
              </span>
            </div>
            <p className={styles.comment}>{text}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
