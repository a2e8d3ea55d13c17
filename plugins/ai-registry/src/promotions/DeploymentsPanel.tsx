import {
  Panel,
  RelativeTime,
  StatusPill,
  type StatusTone,
} from '@greenroom/ai-react';
import type {
  ChangeRequestDeployment,
  PromotionDetail,
} from '@greenroom/plugin-ai-registry-common';
import styles from './ReviewList.module.css';

const STATES: Record<
  ChangeRequestDeployment['state'],
  { tone: StatusTone; label: string }
> = {
  waiting: { tone: 'neutral', label: 'waiting' },
  running: { tone: 'progress', label: 'running' },
  succeeded: { tone: 'good', label: 'succeeded' },
  failed: { tone: 'bad', label: 'failed' },
  superseded: { tone: 'neutral', label: 'superseded' },
};

/** How far the change is in each environment, as the Git host says it too; nothing where nothing was told. */
export function DeploymentsPanel(props: {
  deployments: PromotionDetail['deployments'];
}) {
  const { deployments } = props;
  if (deployments.length === 0) return null;
  return (
    <Panel title="Deployments">
      <ul className={styles.reviews} aria-label="Deployments">
        {deployments.map(({ environment, state, description, at }) => (
          <li key={environment}>
            <div className={styles.head}>
              <strong>{environment}</strong>
              <StatusPill tone={STATES[state].tone}>
                {STATES[state].label}
              </StatusPill>
              <span className={styles.when}>
                <RelativeTime at={at} />
              </span>
            </div>
            <p className={styles.comment}>{description}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
