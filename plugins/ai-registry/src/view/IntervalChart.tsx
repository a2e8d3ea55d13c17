import { formatDifference, formatNumber } from '@greenroom/ai-react';
import type { PairedComparison } from '@greenroom/plugin-ai-registry-common';
import styles from './IntervalChart.module.css';

export interface IntervalChartProps {
  paired: PairedComparison;
  /** Largest loss that is let through, in the metric's unit. */
  margin?: number;
  /** Whether the interval and the number of rows are told in the text before it. */
  isToldBefore?: boolean;
}

/**
 * An improvement with its confidence interval on an axis: worse on the left,
 * better on the right, and the part beyond the margin that a gate refuses.
 */
export function IntervalChart(props: IntervalChartProps) {
  const { paired, margin, isToldBefore = false } = props;
  const { improvement, interval, metric, rows } = paired;
  const [low, high] = interval;
  const marks = [low, high, improvement, 0];
  if (margin !== undefined) marks.push(-margin);
  const span = Math.max(...marks) - Math.min(...marks) || 1;
  // The margin's label stands left of its line.
  const start =
    Math.min(...marks) - span * (margin === undefined ? 0.18 : 0.35);
  const end = Math.max(...marks) + span * 0.18;
  const at = (value: number) => `${((value - start) / (end - start)) * 100}%`;
  const tone = toneOf(low, high, margin);
  const sentence = `${metric}: improvement ${formatDifference(
    improvement,
  )}, 95 % interval ${formatDifference(low)} to ${formatDifference(high)}${
    margin === undefined
      ? ''
      : `, a loss of up to ${formatNumber(margin, 4)} is let through`
  }`;

  return (
    <figure className={styles.root}>
      <div className={styles.plot} role="img" aria-label={sentence}>
        {margin !== undefined && (
          <>
            <div className={styles.refused} style={{ width: at(-margin) }} />
            <div className={styles.margin} style={{ left: at(-margin) }}>
              <span className={styles.marginLabel}>
                margin {formatDifference(-margin)}
              </span>
            </div>
          </>
        )}
        <div className={styles.zero} style={{ left: at(0) }}>
          <span className={styles.zeroLabel}>no difference</span>
        </div>
        <div className={styles.axis} />
        <div
          className={styles.interval}
          data-tone={tone}
          style={{ left: at(low), right: `calc(100% - ${at(high)})` }}
        />
        <div
          className={styles.point}
          data-tone={tone}
          style={{ left: at(improvement) }}
        >
          <span className={styles.pointLabel}>
            {formatDifference(improvement)}
          </span>
        </div>
      </div>
      <div className={styles.ends} aria-hidden="true">
        <span>← worse</span>
        <span>better →</span>
      </div>
      <figcaption className={styles.caption}>
        {!isToldBefore && (
          <>
            On the same {rows} rows, {metric}: {formatDifference(improvement)},
            with 95 % confidence between {formatDifference(low)} and{' '}
            {formatDifference(high)}.{' '}
          </>
        )}
        {verdictOf(low, high)}
      </figcaption>
    </figure>
  );
}

function toneOf(low: number, high: number, margin: number | undefined) {
  if (low > 0) return 'good';
  if (high < 0 || (margin !== undefined && low < -margin)) return 'bad';
  return 'neutral';
}

function verdictOf(low: number, high: number): string {
  if (low > 0) return 'The improvement is larger than chance explains.';
  if (high < 0) return 'The loss is larger than chance explains.';
  return 'Chance alone may explain the difference.';
}
