import { formatMoney } from '@greenroom/ai-react';
import type { EnvironmentDataPlane } from '@greenroom/plugin-ai-inference-common';
import { costsOf, groupsOfRun } from './podCost';
import styles from './deployments.module.css';

/** What an environment costs that runs, where prices are known. */
export function RunCost({ item }: { item: EnvironmentDataPlane }) {
  const groups = groupsOfRun(item);
  const costs = costsOf(groups);
  if (costs.length === 0) return null;
  const all = groups.reduce((sum, { pods }) => sum + pods, 0);
  const priced = costs.reduce((sum, { pods }) => sum + pods, 0);
  const words = costs.map(
    ({ perHour, per30Days, currency }) =>
      `${formatMoney(perHour, currency)} an hour, ${formatMoney(
        per30Days,
        currency,
      )} in 30 days at this size`,
  );
  return (
    <span className={styles.subtle}>
      , {words.join(' and ')}
      {priced < all && ` for ${priced} of ${all} pods`}
    </span>
  );
}
