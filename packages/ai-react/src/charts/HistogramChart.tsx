import type { FeatureHistogram } from '@greenroom/ml-kit';
import { formatNumber, formatShare } from '../format';
import { ChartFrame } from './ChartFrame';
import { DataTable } from '../tables';
import { HistogramBar, histogramBars } from './histogramBars';
import styles from './chart.module.css';

export interface HistogramChartProps {
  title: string;
  baseline: FeatureHistogram;
  /** Same bins as the baseline. */
  current?: FeatureHistogram;
  /** Pixels; default 140. */
  height?: number;
  unit?: string;
  /** What the two are called; default 'Baseline' and 'Now'. */
  names?: { baseline: string; current: string };
}

const WIDTH = 480;
const AXIS = 18;

/** Shares of two distributions over the same bins: the baseline as an outline, the current one filled. */
export function HistogramChart(props: HistogramChartProps) {
  const { title, unit, baseline, current, height = 140 } = props;
  const names = props.names ?? { baseline: 'Baseline', current: 'Now' };
  const bars = histogramBars(baseline, current);
  const highest = Math.max(
    ...bars.map(bar => Math.max(bar.baseline, bar.current)),
    Number.EPSILON,
  );
  const slot = WIDTH / bars.length;
  const plotHeight = height - AXIS;
  const y = (share: number) =>
    plotHeight - (share / highest) * (plotHeight - 4);
  // Numbers name the left edge of a bin; a category names the middle.
  const numeric = baseline.kind === 'numeric';
  const everyLabel = Math.ceil((bars.length * 44) / WIDTH);

  return (
    <ChartFrame
      title={title}
      unit={unit}
      legend={
        <ul className={styles.legend}>
          <li className={styles.legendItem}>
            <span className={styles.swatchOutline} /> {names.baseline}
          </li>
          {current && (
            <li className={styles.legendItem}>
              <span className={styles.swatchFill} /> {names.current}
            </li>
          )}
        </ul>
      }
      chart={
        <svg
          className={styles.svg}
          viewBox={`0 0 ${WIDTH} ${height}`}
          role="img"
          aria-label={`${title}: ${describe(bars, names, current)}`}
        >
          {bars.map((bar, i) => (
            <g key={bar.label}>
              <title>
                {`${bar.description}: ${names.baseline} ${formatShare(
                  bar.baseline,
                )}`}
                {current && `, ${names.current} ${formatShare(bar.current)}`}
              </title>
              <rect
                x={i * slot}
                y={0}
                width={slot}
                height={plotHeight}
                fill="transparent"
              />
              {current && (
                <rect
                  x={i * slot + slot * 0.14}
                  y={y(bar.current)}
                  width={slot * 0.72}
                  height={plotHeight - y(bar.current)}
                  fill={
                    bar.outside
                      ? 'var(--greenroom-series-2)'
                      : 'var(--greenroom-series-1)'
                  }
                  opacity={0.75}
                />
              )}
              <rect
                x={i * slot + slot * 0.06}
                y={y(bar.baseline)}
                width={slot * 0.88}
                height={plotHeight - y(bar.baseline)}
                fill="none"
                stroke="var(--bui-fg-secondary)"
                strokeWidth={1.5}
                strokeDasharray={bar.outside ? '3 3' : undefined}
                vectorEffect="non-scaling-stroke"
              />
              {(i % everyLabel === 0 || bar.outside) && (
                <text
                  className={styles.axis}
                  x={i * slot + (numeric && !bar.outside ? 0 : slot / 2)}
                  y={height - 4}
                  textAnchor={numeric && !bar.outside ? 'start' : 'middle'}
                >
                  {shorten(bar.label)}
                </text>
              )}
            </g>
          ))}
          <line
            x1={0}
            x2={WIDTH}
            y1={plotHeight}
            y2={plotHeight}
            stroke="var(--bui-border-2)"
          />
        </svg>
      }
      table={
        <DataTable
          caption={title}
          look="numbers"
          columns={[
            'Value',
            names.baseline,
            ...(current ? [names.current, `${names.current} (rows)`] : []),
          ]}
          rows={bars.map(bar => [
            bar.description,
            formatShare(bar.baseline),
            ...(current
              ? [formatShare(bar.current), formatNumber(bar.currentCount)]
              : []),
          ])}
        />
      }
    />
  );
}

/** The largest difference, in words. */
function describe(
  bars: HistogramBar[],
  names: { baseline: string; current: string },
  current: FeatureHistogram | undefined,
): string {
  if (!current) return `${bars.length} bins of the ${names.baseline}.`;
  const largest = bars.reduce((a, b) =>
    Math.abs(b.current - b.baseline) > Math.abs(a.current - a.baseline) ? b : a,
  );
  return `largest difference at ${largest.description}, ${
    names.baseline
  } ${formatShare(largest.baseline)}, ${names.current} ${formatShare(
    largest.current,
  )}.`;
}

function shorten(label: string): string {
  return label.length > 9 ? `${label.slice(0, 8)}…` : label;
}
