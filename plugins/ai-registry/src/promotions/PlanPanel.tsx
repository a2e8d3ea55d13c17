import { Text } from '@backstage/ui';
import { Panel } from '@greenroom/ai-react';
import {
  describePlan,
  type PromotionDetail,
} from '@greenroom/plugin-ai-registry-common';
import styles from './PlanPanel.module.css';

/** What will happen to the traffic, and how versions are compared: said before the start. */
export function PlanPanel({ promotion }: { promotion: PromotionDetail }) {
  const { traffic, comparison, outcomes } = describePlan(
    promotion.plan,
    promotion,
  );
  return (
    <Panel
      title="Rollout"
      description="What happens to the traffic once it is merged."
    >
      <ol className={styles.list} aria-label="What happens to the traffic">
        {traffic.map((sentence, index) => (
          <li key={index}>{sentence}</li>
        ))}
      </ol>
      {comparison.length > 0 && (
        <>
          <Text as="h3" variant="body-medium" weight="bold">
            How versions are compared
          </Text>
          <ul className={styles.list} aria-label="How versions are compared">
            {comparison.map((sentence, index) => (
              <li key={index}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
      {outcomes && (
        <Text as="p" variant="body-medium">
          {outcomes}
        </Text>
      )}
    </Panel>
  );
}
