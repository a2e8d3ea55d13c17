import { formatNumber, formatShare } from '@greenroom/ai-react';
import type { ConfusionMatrix } from './confusion';
import styles from './matrix.module.css';

/** More columns have numbers without shares, as there is no room. */
const MOST_WITH_SHARES = 12;

/** Which classes were taken for which: darker is more of the actual class. */
export function ConfusionTable(props: {
  matrix: ConfusionMatrix;
  name: string;
}) {
  const { labels, values, rowShares, isCounts } = props.matrix;
  const hasShares = isCounts && labels.length <= MOST_WITH_SHARES;
  const say = isCounts ? formatNumber : formatShare;
  const right = labels.reduce((sum, _, i) => sum + values[i][i], 0);
  const all = values.flat().reduce((sum, value) => sum + value, 0);
  return (
    <>
      <div
        className={styles.scroll}
        role="region"
        aria-label={`Confusion matrix of ${props.name}`}
        tabIndex={0}
      >
        <table className={styles.matrix}>
          <caption className={styles.hidden}>
            Confusion matrix: rows are actual classes, columns predicted ones
          </caption>
          <thead>
            <tr>
              <td rowSpan={2} />
              <th
                scope="colgroup"
                colSpan={labels.length}
                className={styles.axis}
              >
                Predicted
              </th>
            </tr>
            <tr>
              {labels.map(label => (
                <th key={label} scope="col" title={label}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((actual, row) => (
              <tr key={actual}>
                <th scope="row" title={actual}>
                  {actual}
                </th>
                {values[row].map((value, column) => {
                  const share = rowShares[row][column];
                  return (
                    <td
                      key={labels[column]}
                      data-right={row === column || undefined}
                      style={
                        {
                          '--share': share ?? 0,
                        } as React.CSSProperties
                      }
                      title={`${actual}, taken for ${labels[column]}${
                        share === undefined
                          ? ''
                          : `: ${formatShare(share)} of ${actual}`
                      }`}
                    >
                      {say(value)}
                      {hasShares && share !== undefined && (
                        <span className={styles.share}>
                          {formatShare(share)}
                        </span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        Rows are the actual classes, as scikit-learn writes them; a cell is as
        dark as its share of the row.
        {isCounts && all > 0 && (
          <>
            {' '}
            {formatNumber(right)} of {formatNumber(all)} rows are right (
            {formatShare(right / all)}).
          </>
        )}
      </p>
    </>
  );
}
