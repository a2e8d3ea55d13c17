import { formatDuration } from '@greenroom/ai-react';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import styles from './comparisons.module.css';

/** What was planned before anything was known: what is seen, with how many callers, and how long that takes. */
export function PlanList({ report }: { report: ComparisonReport }) {
  const { expectations } = report;
  if (expectations.length === 0) return null;
  return (
    <details className={styles.plan}>
      <summary>What was planned</summary>
      <ul>
        {expectations.map(({ name, sentence, seconds }) => (
          <li key={name}>
            <strong>{name}</strong> {sentence}
            {seconds !== undefined && (
              <span className={styles.subtle}>
                {' '}
                About {formatDuration(seconds)} with the traffic of now.
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
