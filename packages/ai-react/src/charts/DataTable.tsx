import styles from './chart.module.css';

export interface DataTableProps {
  /** Read out by screen readers. */
  caption: string;
  columns: string[];
  /** [row][column] */
  rows: string[][];
}

/** The numbers behind a chart. */
export function DataTable({ caption, columns, rows }: DataTableProps) {
  return (
    // A scrolling region has to be reachable by keyboard.
    <div
      className={styles.tableScroll}
      role="region"
      aria-label={caption}
      tabIndex={0}
    >
      <table className={styles.table} aria-label={caption}>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row[0]}>
              {row.map((cell, index) => (
                <td key={columns[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
