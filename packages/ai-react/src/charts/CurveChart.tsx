import { useMemo, useRef, useState } from 'react';
import { formatNumber } from '../format';
import { DataTable } from '../tables';
import { ChartFrame } from './ChartFrame';
import {
  createCurvePlot,
  type CurveAxis,
  formatCurveX,
} from './createCurvePlot';
import { alignCurves, type CurveSeries, thin, valueAt } from './curves';
import { PlotCanvas } from './PlotCanvas';
import styles from './chart.module.css';

export interface CurveChartProps {
  title: string;
  /** What the lines run over. */
  axis: CurveAxis;
  /** A logarithmic axis has no place for what is not above zero. Default `linear`. */
  scale?: 'linear' | 'log';
  series: CurveSeries[];
  /** Pixels; default 200. */
  height?: number;
  formatValue?(value: number): string;
  /** Charts with the same key share their crosshair. */
  syncKey?: string;
  /** Shown when there is no value at all. */
  emptyText?: string;
}

/** More rows are not read; the chart has them all. */
const MOST_ROWS = 200;

/** Lines over steps or seconds on a canvas, each with points of its own. */
export function CurveChart(props: CurveChartProps) {
  const {
    title,
    axis,
    scale = 'linear',
    series,
    height = 200,
    formatValue = formatNumber,
    syncKey,
    emptyText = 'Nothing was measured.',
  } = props;
  const [cursorIndex, setCursorIndex] = useState<number>();
  const [xs] = useMemo(() => alignCurves(series, scale), [series, scale]);
  const named = series.filter(({ faint }) => !faint);
  const x = cursorIndex === undefined ? undefined : xs[cursorIndex];
  const latest = useRef({ series, scale });
  latest.current = { series, scale };
  const isEmpty = named.every(({ points }) =>
    points.every(({ y }) => y === undefined || (scale === 'log' && y <= 0)),
  );
  const shown = thin(xs, MOST_ROWS);
  return (
    <ChartFrame
      title={title}
      unit={
        x === undefined ? undefined : `${nameOf(axis)} ${formatCurveX(axis, x)}`
      }
      chart={
        <>
          {isEmpty ? (
            <div className={styles.empty} style={{ height }}>
              {emptyText}
            </div>
          ) : (
            <PlotCanvas
              title={title}
              height={height}
              shape={JSON.stringify([
                axis,
                scale,
                syncKey,
                series.map(({ id, color, dash, faint, points }) => [
                  id,
                  color,
                  dash,
                  faint,
                  points.length === 1,
                ]),
              ])}
              data={[series]}
              create={(library, host) =>
                createCurvePlot({
                  library,
                  host,
                  height,
                  axis,
                  syncKey,
                  input: () => ({
                    ...latest.current,
                    onCursor: setCursorIndex,
                  }),
                })
              }
            />
          )}
          <CurveLegend series={named} x={x} formatValue={formatValue} />
        </>
      }
      table={
        <DataTable
          caption={
            shown.length < xs.length
              ? `${title}, ${shown.length} of ${xs.length} points`
              : title
          }
          look="numbers"
          columns={[nameOf(axis), ...named.map(({ label }) => label)]}
          rows={shown.map(at => [
            formatCurveX(axis, at),
            ...named.map(({ points }) => say(valueAt(points, at), formatValue)),
          ])}
        />
      }
    />
  );
}

function CurveLegend(props: {
  series: CurveSeries[];
  x: number | undefined;
  formatValue(value: number): string;
}) {
  const { series, x, formatValue } = props;
  return (
    <ul className={styles.curveLegend}>
      {series.map(({ id, label, color, dash, points }) => (
        <li key={id} className={styles.legendItem}>
          <svg width="18" height="8" aria-hidden="true" className={styles.line}>
            <line
              x1={0}
              x2={18}
              y1={4}
              y2={4}
              stroke={color}
              strokeWidth={2.5}
              strokeDasharray={dash?.join(' ')}
            />
          </svg>
          {label}
          {x !== undefined && (
            <span className={styles.legendValue}>
              {say(valueAt(points, x), formatValue)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function say(
  value: number | undefined,
  formatValue: (value: number) => string,
) {
  return value === undefined ? '–' : formatValue(value);
}

function nameOf(axis: CurveAxis): string {
  return axis === 'step' ? 'Step' : 'After';
}
