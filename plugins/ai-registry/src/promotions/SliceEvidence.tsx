import {
  formatDifference,
  formatMetric,
  formatNumber,
  StatusPill,
  type StatusTone,
} from '@greenroom/ai-react';
import type {
  GateEvidence,
  SliceComparison,
} from '@greenroom/plugin-ai-registry-common';
import styles from './SliceEvidence.module.css';

const OUTCOMES: Record<
  SliceComparison['outcome'],
  { tone: StatusTone; label: string }
> = {
  worse: { tone: 'bad', label: 'Worse' },
  'not-worse': { tone: 'good', label: 'Not worse' },
  few: { tone: 'neutral', label: 'Too few rows' },
};

/** Each slice's improvement with its interval, on one scale: worse on the left of the line. */
export function SliceEvidence({
  evidence,
}: {
  evidence: Extract<GateEvidence, { kind: 'slices' }>;
}) {
  const { metric, slices } = evidence;
  const ends = slices.flatMap(({ interval }) => interval);
  const reach = Math.max(...ends.map(Math.abs)) || 1;
  const at = (value: number) => `${50 + (value / reach) * 50}%`;
  return (
    <div
      className={styles.scroll}
      role="region"
      aria-label={`${metric} by slice`}
      tabIndex={0}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Slice</th>
            <th scope="col">Rows</th>
            <th scope="col">Running</th>
            <th scope="col">This version</th>
            <th scope="col">Improvement of {metric}</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {slices.map(slice => {
            const { name, rows, base, candidate, improvement, interval } =
              slice;
            const { tone, label } = OUTCOMES[slice.outcome];
            const [low, high] = interval;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{formatNumber(rows)}</td>
                <td>{formatMetric(base)}</td>
                <td>{formatMetric(candidate)}</td>
                <td>
                  <div
                    className={styles.plot}
                    role="img"
                    aria-label={`${formatDifference(
                      improvement,
                    )}, between ${formatDifference(low)} and ${formatDifference(
                      high,
                    )}`}
                  >
                    <div className={styles.zero} />
                    <div
                      className={styles.interval}
                      data-tone={tone}
                      style={{
                        left: at(low),
                        right: `calc(100% - ${at(high)})`,
                      }}
                    />
                    <div
                      className={styles.point}
                      data-tone={tone}
                      style={{ left: at(improvement) }}
                    />
                  </div>
                </td>
                <td>
                  <StatusPill tone={tone}>{label}</StatusPill>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
