import type { ReactNode } from 'react';
import styles from './PlainTable.module.css';

export interface PlainTableProps {
  /** Read out by screen readers. */
  caption: string;
  columns: string[];
  /** [row][column] */
  rows: ReactNode[][];
}

/** A small table of facts, without sorting, selection or pages. */
export function PlainTable({ caption, columns, rows }: PlainTableProps) {
  return (
    // A scrolling region has to be reachable by keyboard.
    <div
      className={styles.scroll}
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
          {rows.map((row, index) => (
            <tr key={`row-${index}`}>
              {row.map((cell, column) => (
                <td key={columns[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
