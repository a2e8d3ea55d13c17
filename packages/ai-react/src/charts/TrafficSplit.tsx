import { versionColor } from './colors';
import styles from './TrafficSplit.module.css';
import chart from './chart.module.css';

export interface TrafficSplitProps {
  /** Weights in percent; they add up to 100. */
  variants: { version: number; weightPercent: number }[];
  /** Only the bar, for a table cell. */
  compact?: boolean;
}

/** Which version gets which share of the traffic. */
export function TrafficSplit({ variants, compact = false }: TrafficSplitProps) {
  const serving = variants
    .filter(variant => variant.weightPercent > 0)
    .sort((a, b) => a.version - b.version);
  const text = serving
    .map(
      ({ version, weightPercent }) => `version ${version} ${weightPercent} %`,
    )
    .join(', ');
  return (
    <div className={chart.root}>
      <div
        className={compact ? styles.compact : styles.bar}
        role="img"
        aria-label={`Traffic: ${text || 'none'}`}
      >
        {serving.map(({ version, weightPercent }) => (
          <span
            key={version}
            className={styles.share}
            style={{
              width: `${weightPercent}%`,
              background: versionColor(version),
            }}
          />
        ))}
      </div>
      <ul className={styles.legend} aria-hidden="true">
        {serving.map(({ version, weightPercent }) => (
          <li key={version}>
            <span
              className={chart.swatch}
              style={{ background: versionColor(version) }}
            />
            v{version} <strong>{weightPercent} %</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
