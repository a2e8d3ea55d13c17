import { formatMetric, formatShare } from '@greenroom/ai-react';
import type { ClassificationDetails } from '@greenroom/plugin-ai-registry-common';
import styles from './measurements.module.css';

const SIZE = 240;
const MARGIN = 34;
const INNER = SIZE - MARGIN - 8;

/** What the version says how probable it is, against how often it was so: on the diagonal it can be believed. */
export function ReliabilityDiagram({
  calibration,
}: {
  calibration: NonNullable<ClassificationDetails['calibration']>;
}) {
  const { bins, expectedError, positive } = calibration;
  const x = (share: number) => MARGIN + share * INNER;
  const y = (share: number) => 8 + (1 - share) * INNER;
  const points = bins.map(
    ({ predicted, observed }) => `${x(predicted)},${y(observed)}`,
  );
  const what =
    positive === undefined ? 'being right' : `being of class ${positive}`;
  return (
    <>
      <svg
        className={styles.reliability}
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label={`Reliability of the probability of ${what}: ${bins
          .map(
            ({ predicted, observed }) =>
              `said ${formatShare(predicted)}, was ${formatShare(observed)}`,
          )
          .join('; ')}`}
      >
        <rect
          className={styles.frame}
          x={MARGIN}
          y={8}
          width={INNER}
          height={INNER}
        />
        <line
          className={styles.ideal}
          x1={x(0)}
          y1={y(0)}
          x2={x(1)}
          y2={y(1)}
        />
        <polyline className={styles.curve} points={points.join(' ')} />
        {bins.map(({ predicted, observed, rows }) => (
          <circle
            key={predicted}
            className={styles.dot}
            cx={x(predicted)}
            cy={y(observed)}
            r={4}
          >
            <title>{`${rows} rows: said ${formatShare(
              predicted,
            )}, was ${formatShare(observed)}`}</title>
          </circle>
        ))}
        {[0, 0.5, 1].map(share => (
          <g key={share} className={styles.axisText}>
            <text x={x(share)} y={SIZE - 12} textAnchor="middle">
              {share}
            </text>
            <text x={MARGIN - 6} y={y(share) + 4} textAnchor="end">
              {share}
            </text>
          </g>
        ))}
      </svg>
      <p className={styles.note}>
        Across: how probable it says that {what} is. Up: how often it was so.
        The mean distance from the diagonal is {formatMetric(expectedError)}.
      </p>
    </>
  );
}
