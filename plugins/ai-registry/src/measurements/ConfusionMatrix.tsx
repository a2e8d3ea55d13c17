import { formatNumber } from '@greenroom/ai-react';
import type { ClassificationDetails } from '@greenroom/plugin-ai-registry-common';
import styles from './measurements.module.css';

/** Which classes were taken for which: darker is more of the actual class. */
export function ConfusionMatrix({
  confusion,
}: {
  confusion: NonNullable<ClassificationDetails['confusion']>;
}) {
  const { classes, answers, counts } = confusion;
  return (
    <div
      className={styles.scroll}
      role="region"
      aria-label="Confusion matrix"
      // It scrolls, also for who has no mouse.
      tabIndex={0}
    >
      <table
        className={styles.matrix}
        aria-label="Confusion matrix: rows are actual classes, columns answers"
      >
        <thead>
          <tr>
            <td>Actual \ answer</td>
            {answers.map(name => (
              <th key={name} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map((actual, row) => {
            const all = counts[row].reduce((sum, count) => sum + count, 0);
            return (
              <tr key={actual}>
                <th scope="row" title={actual}>
                  {actual}
                </th>
                {counts[row].map((count, column) => (
                  <td
                    key={answers[column]}
                    data-right={row === column || undefined}
                    style={
                      {
                        '--share': all > 0 ? count / all : 0,
                      } as React.CSSProperties
                    }
                    title={`${actual}, taken for ${answers[column]}`}
                  >
                    {formatNumber(count)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
