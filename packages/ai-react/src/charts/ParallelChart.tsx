import { useState } from 'react';
import { formatNumber } from '../format';
import { DataTable } from '../tables';
import { ChartFrame } from './ChartFrame';
import { type AxisValue, axisOf } from './scale';
import { useWidth } from './useWidth';
import styles from './chart.module.css';

export interface ParallelLine {
  id: string;
  label: string;
  /** A value for each of the axes; undefined where there is none. */
  values: (AxisValue | undefined)[];
}

export interface ParallelChartProps {
  title: string;
  axes: string[];
  lines: ParallelLine[];
  /** Pixels; default 300. */
  height?: number;
}

const SIDE = 56;
const TOP = 30;
const BOTTOM = 14;
/** Pixels; with more axes than fit, the chart is scrolled. */
const LEAST_DISTANCE = 110;

/**
 * An axis for each value, side by side, and a line through all values of a thing. Its colour says where it ends
 * on the last axis; the line that is pointed at is drawn strongly.
 */
export function ParallelChart(props: ParallelChartProps) {
  const { title, axes, lines, height = 300 } = props;
  const [ref, available] = useWidth();
  const [pointed, setPointed] = useState<string>();
  const width = Math.max(
    available,
    2 * SIDE + (axes.length - 1) * LEAST_DISTANCE,
  );
  const scales = axes.map((_, index) =>
    axisOf(
      lines.flatMap(({ values }) => values[index] ?? []),
      formatNumber,
    ),
  );
  const xAt = (index: number) =>
    axes.length > 1
      ? SIDE + (index / (axes.length - 1)) * (width - 2 * SIDE)
      : width / 2;
  const yAt = (share: number) =>
    height - BOTTOM - share * (height - TOP - BOTTOM);
  const colorOf = ({ values }: ParallelLine) => {
    const end = values.at(-1);
    if (end === undefined) return 'var(--bui-fg-secondary)';
    const percent = Math.round((scales.at(-1)?.place(end) ?? 0) * 100);
    return `color-mix(in oklab, var(--greenroom-series-1) ${percent}%, var(--greenroom-series-2))`;
  };
  return (
    <ChartFrame
      title={title}
      unit={lines.find(({ id }) => id === pointed)?.label}
      chart={
        <div
          ref={ref}
          className={styles.wide}
          role="region"
          aria-label={title}
          // What scrolls has to be reachable by keyboard.
          tabIndex={0}
        >
          <svg
            viewBox={`0 0 ${width} ${height}`}
            width={width}
            height={height}
            role="img"
            aria-label={`${title}: ${lines.length} lines over ${axes.join(
              ', ',
            )}. The same numbers are in its table.`}
          >
            {lines.map(line => (
              <g
                key={line.id}
                onPointerEnter={() => setPointed(line.id)}
                onPointerLeave={() => setPointed(undefined)}
              >
                <title>{describe(line, axes)}</title>
                {pathsOf(
                  line,
                  index => xAt(index),
                  (index, value) => yAt(scales[index].place(value)),
                ).map(path => (
                  <path
                    key={path}
                    d={path}
                    fill="none"
                    stroke={colorOf(line)}
                    strokeWidth={line.id === pointed ? 4 : 1.75}
                    opacity={
                      pointed === undefined || line.id === pointed ? 0.85 : 0.2
                    }
                  />
                ))}
              </g>
            ))}
            {axes.map((axis, index) => (
              <g key={axis} className={styles.parallelAxis}>
                <line
                  x1={xAt(index)}
                  x2={xAt(index)}
                  y1={TOP}
                  y2={height - BOTTOM}
                  stroke="var(--bui-border-2)"
                />
                <text
                  className={styles.axisTitle}
                  x={xAt(index)}
                  y={16}
                  textAnchor="middle"
                >
                  <title>{axis}</title>
                  {shorten(axis, 16)}
                </text>
                {scales[index].ticks.map(({ label, at }) => (
                  <text
                    key={label}
                    className={styles.axis}
                    x={xAt(index) - 5}
                    y={yAt(at) + 4}
                    textAnchor="end"
                  >
                    {shorten(label, 9)}
                  </text>
                ))}
              </g>
            ))}
          </svg>
        </div>
      }
      table={
        <DataTable
          caption={title}
          look="numbers"
          columns={['Name', ...axes]}
          rows={lines.map(({ label, values }) => [label, ...values.map(say)])}
        />
      }
    />
  );
}

/** Stretches of a line; it breaks where there is no value. */
function pathsOf(
  line: ParallelLine,
  x: (index: number) => number,
  y: (index: number, value: AxisValue) => number,
): string[] {
  const paths: string[] = [];
  let path = '';
  line.values.forEach((value, index) => {
    if (value === undefined) {
      if (path) paths.push(path);
      path = '';
      return;
    }
    const place = `${Math.round(x(index))},${Math.round(y(index, value))}`;
    path += path ? ` L${place}` : `M${place}`;
  });
  return path ? [...paths, path] : paths;
}

function describe({ label, values }: ParallelLine, axes: string[]): string {
  return `${label}: ${axes
    .map((axis, index) => `${axis} ${say(values[index])}`)
    .join(', ')}`;
}

function say(value: AxisValue | undefined): string {
  if (value === undefined) return '–';
  return typeof value === 'number' ? formatNumber(value) : value;
}

function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
