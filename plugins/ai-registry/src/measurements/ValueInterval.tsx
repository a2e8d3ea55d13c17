import { formatMetric } from '@greenroom/ai-react';
import styles from './measurements.module.css';

/** From the least to the largest value of those that are drawn below each other. */
export interface Scale {
  low: number;
  high: number;
}

/** Of values and intervals together. */
export function scaleOf(
  values: readonly { value?: number; interval?: [number, number] }[],
): Scale {
  const all = values.flatMap(({ value, interval }) => [
    ...(value === undefined ? [] : [value]),
    ...(interval ?? []),
  ]);
  const low = Math.min(...all);
  const high = Math.max(...all);
  return all.length === 0 || low === high
    ? { low: (low || 0) - 0.5, high: (high || 0) + 0.5 }
    : { low, high };
}

/** A value with its 95 % interval, on a scale that is shared with its neighbours. */
export function ValueInterval(props: {
  value: number;
  interval?: [number, number];
  scale: Scale;
}) {
  const { value, interval, scale } = props;
  const at = (one: number) =>
    `${((one - scale.low) / (scale.high - scale.low)) * 100}%`;
  return (
    <div
      className={styles.plot}
      role="img"
      aria-label={
        interval
          ? `${formatMetric(value)}, between ${formatMetric(
              interval[0],
            )} and ${formatMetric(interval[1])}`
          : formatMetric(value)
      }
    >
      {interval && (
        <div
          className={styles.interval}
          style={{
            left: at(interval[0]),
            right: `calc(100% - ${at(interval[1])})`,
          }}
        />
      )}
      <div className={styles.point} style={{ left: at(value) }} />
    </div>
  );
}

/** As words; nothing where there is none. */
export function intervalText(interval: [number, number] | undefined): string {
  return interval
    ? `${formatMetric(interval[0])} to ${formatMetric(interval[1])}`
    : '–';
}
