import styles from './queue.module.css';

export type UseKind = 'used' | 'borrowed' | 'free' | 'queued';

export interface UseBarProps {
  /** What is measured, read out by screen readers. */
  label: string;
  parts: { kind: UseKind; units: number; name: string }[];
  /** Without the legend, for a table cell. */
  compact?: boolean;
}

/** Units of a flavor as parts of a bar, and in numbers. */
export function UseBar({ label, parts, compact = false }: UseBarProps) {
  const total = parts.reduce((sum, { units }) => sum + units, 0);
  const text = parts.map(({ units, name }) => `${units} ${name}`).join(', ');
  return (
    <div className={styles.meter}>
      <div className={styles.track} role="img" aria-label={`${label}: ${text}`}>
        {parts
          .filter(({ units }) => units > 0)
          .map(({ kind, units }) => (
            <span
              key={kind}
              className={`${styles.part} ${styles[kind] ?? ''}`}
              style={{ width: `${(units / total) * 100}%` }}
            />
          ))}
      </div>
      {!compact && (
        <ul className={styles.legend} aria-hidden="true">
          {parts.map(({ kind, units, name }) => (
            <li key={kind}>
              <span className={`${styles.swatch} ${styles[kind] ?? ''}`} />
              <strong>{units}</strong> {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
