import { formatShare, StatusPill, formatEffect } from '@greenroom/ai-react';
import type { DriftStatus, FeatureDrift } from '@greenroom/ml-kit';
import { formatPValue } from './driftRanking';
import styles from './dashboard.module.css';

const LOOK = {
  ok: ['good', 'No drift'],
  warning: ['warning', 'Small drift'],
  alert: ['bad', 'Large drift'],
  'not-enough-data': ['neutral', 'Not enough data'],
} as const;

export function DriftPill({ status }: { status: DriftStatus }) {
  const [tone, text] = LOOK[status];
  return <StatusPill tone={tone}>{text}</StatusPill>;
}

interface DriftNumbersProps {
  drift: FeatureDrift;
  /** Fewest rows that get a verdict. */
  minRows: number;
}

/** The size of a change and how sure it is, in numbers. */
export function DriftNumbers({ drift, minRows }: DriftNumbersProps) {
  if (drift.status === 'not-enough-data') {
    return (
      <p className={styles.subtle}>
        {drift.currentRows} of the {minRows} rows that a verdict needs.
      </p>
    );
  }
  return (
    <p className={styles.subtle}>
      <span title="Population stability index less what chance alone would give">
        PSI effect <strong>{formatEffect(drift.effect)}</strong>
      </span>
      {' · '}
      <span title="Probability of such a PSI without drift, adjusted for the number of features">
        adjusted p <strong>{formatPValue(drift.adjustedPValue)}</strong>
      </span>
      {' · '}
      <span title="Jensen-Shannon distance, base 2, from 0 to 1">
        JS distance {formatEffect(drift.jensenShannonBase2)}
      </span>
      {' · '}
      {drift.currentRows} rows
      {drift.missing && (
        <>
          {' · '}
          <span title="Share of rows without a value; NaN is one of them">
            missing {formatShare(drift.missing.currentShare)} (baseline{' '}
            {formatShare(drift.missing.baselineShare)})
          </span>
        </>
      )}
    </p>
  );
}
