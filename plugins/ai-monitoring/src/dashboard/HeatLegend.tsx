import { formatEffect } from '@greenroom/ai-react';
import styles from './dashboard.module.css';

/** What the colours of a heat map mean. */
export function HeatLegend({ effectThreshold }: { effectThreshold: number }) {
  return (
    <p className={styles.heatLegend}>
      <span>
        <span className={styles.heatScale} aria-hidden="true" />
        PSI effect 0 to {formatEffect(2 * effectThreshold)} and more
      </span>
      <span>
        <span
          className={styles.cell}
          data-status="alert"
          style={{ ['--heat' as string]: '100%' }}
          aria-hidden="true"
        />
        framed: significant and large
      </span>
      <span>
        <span
          className={styles.cell}
          data-status="not-enough-data"
          aria-hidden="true"
        />
        not enough data
      </span>
    </p>
  );
}
