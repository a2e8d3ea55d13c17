import { formatNumber } from '../format';
import { DataTable } from '../tables';
import { ChartFrame } from './ChartFrame';
import { type AxisValue, axisOf } from './scale';
import { useWidth } from './useWidth';
import styles from './chart.module.css';

export interface ScatterPoint {
  id: string;
  label: string;
  x: AxisValue;
  y: number;
  /** CSS colour, or `var(--name)`. */
  color: string;
}

export interface ScatterChartProps {
  title: string;
  xLabel: string;
  yLabel: string;
  points: ScatterPoint[];
  /** Pixels; default 280. */
  height?: number;
  /** Shown when there is no point at all. */
  emptyText?: string;
}

const LEFT = 64;
const RIGHT = 16;
const TOP = 10;
const BOTTOM = 40;
/** Pixels of room at each end of an axis, so that no point is cut. */
const INSET = 10;

/** A dot for each thing that has both values. */
export function ScatterChart(props: ScatterChartProps) {
  const { title, xLabel, yLabel, points, height = 280 } = props;
  const { emptyText = 'Nothing has both values.' } = props;
  const [ref, width] = useWidth();
  const xs = axisOf(
    points.map(({ x }) => x),
    formatNumber,
    Math.max(2, Math.floor(width / 120)),
  );
  const ys = axisOf(
    points.map(({ y }) => y),
    formatNumber,
  );
  const right = width - RIGHT;
  const bottom = height - BOTTOM;
  const xAt = (share: number) =>
    LEFT + INSET + share * (right - LEFT - 2 * INSET);
  const yAt = (share: number) =>
    bottom - INSET - share * (bottom - TOP - 2 * INSET);
  const everyTick = Math.ceil(xs.ticks.length / Math.max(1, width / 90));
  return (
    <ChartFrame
      title={title}
      chart={
        <div ref={ref}>
          {points.length === 0 ? (
            <div className={styles.empty} style={{ height }}>
              {emptyText}
            </div>
          ) : (
            <svg
              className={styles.svg}
              viewBox={`0 0 ${width} ${height}`}
              height={height}
              role="img"
              aria-label={`${title}: ${points.length} points. The same numbers are in its table.`}
            >
              {ys.ticks.map(({ label, at }) => (
                <g key={label}>
                  <line
                    x1={LEFT}
                    x2={right}
                    y1={yAt(at)}
                    y2={yAt(at)}
                    stroke="var(--bui-border-1)"
                  />
                  <text
                    className={styles.axis}
                    x={LEFT - 6}
                    y={yAt(at) + 4}
                    textAnchor="end"
                  >
                    {label}
                  </text>
                </g>
              ))}
              <line
                x1={LEFT}
                x2={right}
                y1={bottom}
                y2={bottom}
                stroke="var(--bui-border-2)"
              />
              {xs.ticks.map(
                ({ label, at }, i) =>
                  i % everyTick === 0 && (
                    <text
                      key={label}
                      className={styles.axis}
                      x={xAt(at)}
                      y={bottom + 15}
                      textAnchor="middle"
                    >
                      {shorten(label)}
                    </text>
                  ),
              )}
              <text
                className={styles.axisTitle}
                x={(LEFT + right) / 2}
                y={height - 6}
                textAnchor="middle"
              >
                {xLabel}
              </text>
              {points.map(({ id, label, x, y, color }) => (
                <circle
                  key={id}
                  cx={xAt(xs.place(x))}
                  cy={yAt(ys.place(y))}
                  r={5}
                  fill={color}
                  stroke="var(--bui-bg-neutral-1)"
                >
                  <title>{`${label}: ${xLabel} ${say(x)}, ${yLabel} ${say(
                    y,
                  )}`}</title>
                </circle>
              ))}
            </svg>
          )}
        </div>
      }
      table={
        <DataTable
          caption={title}
          look="numbers"
          columns={['Name', xLabel, yLabel]}
          rows={points.map(({ label, x, y }) => [label, say(x), say(y)])}
        />
      }
    />
  );
}

function say(value: AxisValue): string {
  return typeof value === 'number' ? formatNumber(value) : value;
}

function shorten(label: string): string {
  return label.length > 12 ? `${label.slice(0, 11)}…` : label;
}
