import { formatNumber, formatShare } from '@greenroom/ai-react';
import type { FeatureProfile } from '@greenroom/ml-kit';
import styles from './BaselineChart.module.css';
import { baselineBars } from './baselineBars';

export interface BaselineChartProps {
  title: string;
  unit?: string;
  profile: FeatureProfile;
  /** Names of categories that are stored as numbers, by number. */
  labels?: string[];
}

/** How one feature, or the prediction, was distributed over the reference rows. */
export function BaselineChart(props: BaselineChartProps) {
  const { title, unit, profile, labels } = props;
  const { histogram, moments } = profile;
  const bars = baselineBars(histogram).map(bar => ({
    ...bar,
    label: labels?.[Number(bar.label)] ?? bar.label,
  }));
  const common = bars.length
    ? bars.reduce((most, bar) => (bar.height > most.height ? bar : most))
    : undefined;
  const ends =
    histogram.kind === 'numeric'
      ? [histogram.edges[0], histogram.edges[histogram.edges.length - 1]].map(
          formatNumber,
        )
      : undefined;

  return (
    <figure className={styles.root}>
      <figcaption className={styles.caption}>
        <span className={styles.title}>{title}</span>
        {unit && <span className={styles.unit}>{unit}</span>}
        {moments && moments.count > 0 && (
          <span className={styles.mean}>mean {formatNumber(moments.mean)}</span>
        )}
      </figcaption>
      <div
        className={styles.plot}
        role="img"
        aria-label={
          common
            ? `${title}: densest at ${common.label}, ${formatShare(
                common.share,
              )} of the rows${ends ? `; from ${ends[0]} to ${ends[1]}` : ''}`
            : `${title}: no rows`
        }
      >
        {bars.map(bar => (
          <span
            key={bar.label}
            className={styles.bar}
            title={`${bar.label}: ${formatShare(bar.share)}`}
            style={{
              left: `${bar.left * 100}%`,
              width: `${bar.width * 100}%`,
              height: `${bar.height * 100}%`,
            }}
          />
        ))}
      </div>
      <div className={styles.axis} aria-hidden="true">
        {ends
          ? ends.map((end, i) => (
              <span key={i === 0 ? 'low' : 'high'}>{end}</span>
            ))
          : bars.map(bar => (
              <span key={bar.label} className={styles.category}>
                {bar.label}
              </span>
            ))}
      </div>
    </figure>
  );
}
