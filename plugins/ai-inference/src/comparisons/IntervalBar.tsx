import type { ComparedMetric } from '@greenroom/plugin-ai-monitoring-common';
import { intervalScale } from './intervalScale';
import { formatEffectOf } from './measures';
import styles from './comparisons.module.css';

/** An effect and its interval around no effect, with the margin where it is worse. */
export function IntervalBar({ metric }: { metric: ComparedMetric }) {
  const scale = intervalScale(metric);
  if (!scale) return null;
  const { interval } = metric;
  const words = `from ${
    interval?.lower === undefined
      ? 'anything'
      : formatEffectOf(metric, interval.lower)
  } to ${
    interval?.upper === undefined
      ? 'anything'
      : formatEffectOf(metric, interval.upper)
  }`;
  return (
    <span
      className={styles.bar}
      role="img"
      aria-label={`Effect ${formatEffectOf(metric, metric.effect)}, ${words}`}
      title={words}
    >
      <span className={styles.zero} style={{ left: `${scale.zero}%` }} />
      {scale.margin !== undefined && (
        <span className={styles.margin} style={{ left: `${scale.margin}%` }} />
      )}
      <span
        className={styles.interval}
        data-status={metric.status}
        data-open-start={scale.isOpenAtStart || undefined}
        data-open-end={scale.isOpenAtEnd || undefined}
        style={{ left: `${scale.from}%`, width: `${scale.to - scale.from}%` }}
      />
      <span
        className={styles.point}
        data-status={metric.status}
        style={{ left: `${scale.effect}%` }}
      />
    </span>
  );
}
