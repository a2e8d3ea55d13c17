import styles from './chart.module.css';

export interface SparklineProps {
  /** Evenly spaced; null and undefined are gaps. */
  values: (number | null | undefined)[];
  /** What is drawn, for screen readers. */
  label: string;
  /** Pixels; default 96. */
  width?: number;
  /** Pixels; default 28. */
  height?: number;
  /** Where the line starts: at zero, or at the least value, so that small moves are seen. Default `zero`. */
  base?: 'zero' | 'least';
}

/** A line without axes: only how it moved. */
export function Sparkline(props: SparklineProps) {
  const { values, label, width = 96, height = 28, base = 'zero' } = props;
  const known = values.filter(value => typeof value === 'number');
  const lowest = base === 'zero' ? 0 : Math.min(...known);
  const span = Math.max(lowest, ...known) - lowest;
  const x = (index: number) =>
    2 + (index / Math.max(1, values.length - 1)) * (width - 4);
  const y = (value: number) =>
    height - 2 - (span > 0 ? (value - lowest) / span : 0) * (height - 4);
  const runs = runsOf(values);
  return (
    <span
      className={styles.root}
      style={{ display: 'inline-block', lineHeight: 0 }}
    >
      <svg
        role="img"
        aria-label={label}
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
      >
        <line
          x1={0}
          x2={width}
          y1={height - 1}
          y2={height - 1}
          stroke="var(--bui-border-1)"
        />
        {runs.map(({ start, items }) => {
          const points = items.map(
            (value, i) => `${x(start + i).toFixed(1)},${y(value).toFixed(1)}`,
          );
          return items.length === 1 ? (
            <circle
              key={start}
              cx={x(start)}
              cy={y(items[0])}
              r={1.5}
              fill="var(--greenroom-series-1)"
            />
          ) : (
            <g key={start}>
              <polygon
                points={`${x(start)},${height - 1} ${points.join(' ')} ${x(
                  start + items.length - 1,
                )},${height - 1}`}
                fill="var(--greenroom-series-1)"
                opacity={0.14}
              />
              <polyline
                points={points.join(' ')}
                fill="none"
                stroke="var(--greenroom-series-1)"
                strokeWidth={1.5}
                strokeLinejoin="round"
              />
            </g>
          );
        })}
      </svg>
    </span>
  );
}

/** Stretches of values without a gap. */
function runsOf(values: (number | null | undefined)[]) {
  const runs: { start: number; items: number[] }[] = [];
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    const last = runs.at(-1);
    if (last && last.start + last.items.length === index) {
      last.items.push(value);
    } else {
      runs.push({ start: index, items: [value] });
    }
  });
  return runs;
}
