import { formatNumber } from '../format';
import styles from './chart.module.css';

export interface BarListItem {
  label: string;
  value: number;
  detail?: string;
  /** CSS colour; default the first series colour. */
  color?: string;
}

export interface BarListProps {
  items: BarListItem[];
  /** What the bars show, for screen readers. */
  label?: string;
  /** Value of a full bar; default the largest value. */
  maximum?: number;
  formatValue?(value: number): string;
}

/** Labelled horizontal bars with their values. */
export function BarList(props: BarListProps) {
  const { items, label, formatValue = formatNumber } = props;
  const maximum =
    props.maximum ?? Math.max(...items.map(item => item.value), 0);
  return (
    <div className={styles.root}>
      <ul className={styles.bars} aria-label={label}>
        {items.map(item => (
          <li key={item.label} className={styles.barRow}>
            <span className={styles.barLabel} title={item.label}>
              {item.label}
            </span>
            <span className={styles.barTrack} aria-hidden="true">
              <span
                className={styles.barFill}
                style={{
                  display: 'block',
                  width: `${
                    maximum > 0 ? Math.max(0, item.value / maximum) * 100 : 0
                  }%`,
                  ...(item.color && { background: item.color }),
                }}
              />
            </span>
            <span className={styles.barValue}>
              {formatValue(item.value)}
              {item.detail && (
                <span className={styles.barDetail}> {item.detail}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
