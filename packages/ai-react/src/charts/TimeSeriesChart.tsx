import { useMemo, useRef, useState } from 'react';
import { formatNumber } from '../format';
import { ChartFrame } from './ChartFrame';
import { seriesColor } from './colors';
import { DataTable } from '../tables';
import { createPlot } from './createPlot';
import { PlotCanvas } from './PlotCanvas';
import {
  alignSeries,
  ChartMarker,
  ChartSeries,
  colorIndexOf,
  hasValues,
} from './timeSeries';
import styles from './chart.module.css';

export interface TimeSeriesChartProps {
  title: string;
  /** Unit of the values, shown next to the title. */
  unit?: string;
  /** Pixels; default 180. */
  height?: number;
  series: ChartSeries[];
  markers?: ChartMarker[];
  formatValue?(value: number): string;
  /** The window of the last point is still filling: it is drawn lighter. */
  lastUnfinished?: boolean;
  /** Charts with the same key share their crosshair. */
  syncKey?: string;
  /** Fixed ends of the time axis; by default it ends where the points do. */
  range?: { from: string; to: string };
  /** The value axis has zero, which it starts at unless values are below, and reaches at least this far, so that small noise looks small. Default 1. */
  axisAtLeast?: number;
  /** Shown when there is no value at all. */
  emptyText?: string;
}

/** Lines over time on a canvas, with gaps where nothing was recorded. */
export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const {
    title,
    unit,
    height = 180,
    series,
    markers = [],
    formatValue = formatNumber,
    axisAtLeast = 1,
    emptyText = 'Nothing was recorded in this range.',
  } = props;
  const [cursorIndex, setCursorIndex] = useState<number>();
  const colored = useMemo(
    () =>
      series.map(item => ({
        ...item,
        color: item.color ?? seriesColor(colorIndexOf(item.label)),
      })),
    [series],
  );
  const columns = useMemo(() => alignSeries(colored), [colored]);
  const times = columns[0];
  const shownIndex =
    cursorIndex !== undefined && cursorIndex < times.length
      ? cursorIndex
      : undefined;

  const legend = (
    <ul className={styles.legend}>
      {colored.map((item, i) => {
        const value =
          shownIndex === undefined ? undefined : columns[i + 1][shownIndex];
        return (
          <li key={item.label} className={styles.legendItem}>
            <span
              className={styles.swatch}
              style={{ background: item.color }}
            />
            {item.label}
            {shownIndex !== undefined && (
              <span className={styles.legendValue}>
                {typeof value === 'number' ? formatValue(value) : '–'}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );

  const rows = times.map((at, i) => [
    formatTime(at),
    ...colored.map((_, column) => {
      const value = columns[column + 1][i];
      return typeof value === 'number' ? formatValue(value) : '–';
    }),
    ...(markers.length > 0 ? [markersAt(markers, times, i)] : []),
  ]);

  return (
    <ChartFrame
      title={title}
      unit={shownIndex === undefined ? unit : formatTime(times[shownIndex])}
      legend={legend}
      chart={
        hasValues(series) ? (
          <Plot
            {...props}
            series={colored}
            height={height}
            formatValue={formatValue}
            axisAtLeast={axisAtLeast}
            onCursor={setCursorIndex}
          />
        ) : (
          <div className={styles.empty} style={{ height }}>
            {emptyText}
          </div>
        )
      }
      table={
        <DataTable
          caption={title}
          look="numbers"
          columns={[
            'Time',
            ...colored.map(item => item.label),
            ...(markers.length > 0 ? ['Events'] : []),
          ]}
          rows={rows}
        />
      }
    />
  );
}

interface PlotProps extends TimeSeriesChartProps {
  series: (ChartSeries & { color: string })[];
  height: number;
  axisAtLeast: number;
  formatValue(value: number): string;
  onCursor(index: number | undefined): void;
}

/** Made once for a set of series, then fed with data. */
function Plot(props: PlotProps) {
  const { title, series, height, syncKey, lastUnfinished = false } = props;
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([
    syncKey,
    lastUnfinished,
    series.map(({ label, color, dashed }) => [label, color, dashed]),
  ]);
  return (
    <PlotCanvas
      title={title}
      height={height}
      shape={shape}
      data={[props.series, props.markers, props.range]}
      create={(library, host) =>
        createPlot({
          library,
          host,
          height,
          syncKey,
          lastUnfinished,
          input: () => latest.current,
        })
      }
    />
  );
}

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  day: 'numeric',
  month: 'short',
});

function formatTime(seconds: number): string {
  return timeFormat.format(seconds * 1000);
}

/** Markers between this time and the next one. */
function markersAt(markers: ChartMarker[], times: number[], index: number) {
  const from = index === 0 ? -Infinity : times[index];
  const to = index === times.length - 1 ? Infinity : times[index + 1];
  return markers
    .filter(({ at }) => {
      const seconds = Date.parse(at) / 1000;
      return seconds >= from && seconds < to;
    })
    .map(({ title }) => title)
    .join('; ');
}
