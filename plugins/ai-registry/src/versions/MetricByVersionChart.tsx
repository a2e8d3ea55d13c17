import { Link } from '@backstage/ui';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  formatMetric,
  useEnvironments,
  formatNumber,
} from '@greenroom/ai-react';
import { useId } from 'react';
import { versionRouteRef } from '../routes';
import type { MetricHistory, MetricPoint } from './metricHistory';
import styles from './MetricByVersionChart.module.css';

export interface MetricByVersionChartProps {
  model: string;
  history: MetricHistory;
}

/** The primary metric of each version, with its confidence interval where it is known. */
export function MetricByVersionChart(props: MetricByVersionChartProps) {
  const { model, history } = props;
  const { points, metric, higherIsBetter } = history;
  const captionId = useId();
  const { last } = useEnvironments();
  const versionLink = useRouteRef(versionRouteRef);
  const ends = points.flatMap(point => point.interval ?? [point.value]);
  const { start, end, ticks } = niceScale(Math.min(...ends), Math.max(...ends));
  const share = (value: number) => 1 - (value - start) / (end - start);
  const bottom = (value: number) => `${(1 - share(value)) * 100}%`;
  const left = (index: number) => ((index + 0.5) / points.length) * 100;
  const hasIntervals = points.some(point => point.interval);

  return (
    <figure className={styles.root} aria-labelledby={captionId}>
      <div className={styles.frame}>
        <div className={styles.scale} aria-hidden="true">
          {ticks.map(tick => (
            <span key={tick} style={{ bottom: bottom(tick) }}>
              {formatNumber(tick)}
            </span>
          ))}
        </div>
        <div className={styles.plot}>
          {ticks.map(tick => (
            <div
              key={tick}
              className={styles.gridLine}
              style={{ bottom: bottom(tick) }}
            />
          ))}
          <svg
            className={styles.line}
            viewBox="0 0 100 100"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <polyline
              points={points
                .map((point, i) => `${left(i)},${share(point.value) * 100}`)
                .join(' ')}
              vectorEffect="non-scaling-stroke"
            />
          </svg>
          <ol className={styles.points}>
            {points.map((point, i) => (
              <li key={point.version} style={{ left: `${left(i)}%` }}>
                {point.interval && (
                  <span
                    className={styles.whisker}
                    style={{
                      bottom: bottom(point.interval[0]),
                      top: `${share(point.interval[1]) * 100}%`,
                    }}
                  />
                )}
                <span
                  className={styles.dot}
                  data-production={
                    point.aliases.includes(last.name) || undefined
                  }
                  style={{ bottom: bottom(point.value) }}
                />
                <span
                  className={styles.value}
                  style={{ bottom: bottom(point.value) }}
                >
                  {formatMetric(point.value)}
                </span>
                <span className={styles.label}>
                  <Link
                    href={
                      versionLink?.({
                        name: model,
                        version: String(point.version),
                      }) ?? '#'
                    }
                    aria-label={describePoint(point, metric)}
                  >
                    v{point.version}
                  </Link>
                </span>
              </li>
            ))}
          </ol>
        </div>
      </div>
      <figcaption id={captionId} className={styles.caption}>
        {metric} by version, {higherIsBetter ? 'higher' : 'lower'} is better.
        {hasIntervals && ' Bars are 95 % confidence intervals.'}
        {!history.sameRows &&
          ' The versions were not all evaluated on the same rows: compare them with care.'}{' '}
        {points.some(point => point.aliases.includes(last.name)) && (
          <>
            <span className={styles.key} aria-hidden="true" /> is wanted in{' '}
            {last.title}.
          </>
        )}
      </figcaption>
    </figure>
  );
}

function describePoint(point: MetricPoint, metric: string): string {
  const interval = point.interval
    ? `, 95 % interval ${formatMetric(point.interval[0])} to ${formatMetric(
        point.interval[1],
      )}`
    : '';
  return `v${point.version}, ${metric} ${formatMetric(point.value)}${interval}`;
}

/** Round ends and three to six round ticks around a range. */
function niceScale(low: number, high: number) {
  const range = high - low || Math.abs(high) || 1;
  const padded = range * 1.3;
  const power = 10 ** Math.floor(Math.log10(padded / 4));
  const step =
    [1, 2, 2.5, 5, 10].map(n => n * power).find(n => padded / n <= 5) ??
    power * 10;
  const start = Math.floor((low - range * 0.1) / step) * step;
  const end = Math.ceil((high + range * 0.15) / step) * step;
  const count = Math.round((end - start) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) =>
    Number((start + i * step).toPrecision(12)),
  );
  return { start, end, ticks };
}
