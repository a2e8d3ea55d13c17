import { formatMetric } from '@greenroom/ai-react';
import type { MetricHistory } from '../versions/metricHistory';
import styles from './MetricTrend.module.css';

const WIDTH = 72;
const HEIGHT = 24;
const PAD = 4;

/** How the primary metric moved from version to version, between its lowest and highest value. */
export function MetricTrend({ history }: { history: MetricHistory }) {
  const values = history.points.map(point => point.value);
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const points = values.map((value, i) => ({
    x: PAD + (i / Math.max(1, values.length - 1)) * (WIDTH - 2 * PAD),
    y: HEIGHT - PAD - ((value - low) / range) * (HEIGHT - 2 * PAD),
  }));
  const last = points[points.length - 1];
  return (
    <svg
      className={styles.trend}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={`${history.metric} from ${formatMetric(
        values[0],
      )} to ${formatMetric(values.at(-1))} over ${values.length} versions`}
    >
      <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
      <circle cx={last.x} cy={last.y} r={3} />
    </svg>
  );
}
