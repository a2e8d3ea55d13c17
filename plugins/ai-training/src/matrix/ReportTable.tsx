import {
  formatMetric,
  formatNumber,
  formatShare,
  PlainTable,
} from '@greenroom/ai-react';
import type { ClassReport } from './confusion';
import styles from './matrix.module.css';

/** How well each class is told from the others. */
export function ReportTable(props: { report: ClassReport; name: string }) {
  const { rows, accuracy } = props.report;
  return (
    <>
      <PlainTable
        label={`Classification report of ${props.name}`}
        columns={['Class', 'Precision', 'Recall', 'F1', 'Rows']}
        look="facts"
        className={styles.report}
      >
        {rows.map(({ label, precision, recall, f1, support, isAverage }) => (
          <tr key={label} data-average={isAverage || undefined}>
            <th scope="row">{label}</th>
            {[precision, recall, f1].map((score, index) => (
              <td
                key={`score-${index}`}
                className={styles.score}
                style={{ '--share': score } as React.CSSProperties}
              >
                {formatMetric(score)}
              </td>
            ))}
            <td>{formatNumber(support)}</td>
          </tr>
        ))}
      </PlainTable>
      {accuracy !== undefined && (
        <p className={styles.note}>
          {formatShare(accuracy)} of all answers are right.
        </p>
      )}
    </>
  );
}
