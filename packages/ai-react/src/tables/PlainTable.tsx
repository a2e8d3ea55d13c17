import type { ReactNode } from 'react';
import styles from './PlainTable.module.css';

/**
 * - `rows`: a row is a thing with a name, and may have several lines.
 * - `facts`: one line a row; the head stays when many rows scroll.
 * - `numbers`: like `facts`, small, and everything but the first column aligned on the right.
 */
export type TableLook = 'rows' | 'facts' | 'numbers';

export interface PlainTableProps {
  /** Read out by screen readers; says what the rows are. */
  label: string;
  columns: ReactNode[];
  look?: TableLook;
  className?: string;
  /** The `<tr>` elements. */
  children: ReactNode;
}

/** A small table, without sorting, selection or pages. */
export function PlainTable(props: PlainTableProps) {
  const { label, columns, look = 'rows', className, children } = props;
  return (
    // A scrolling region has to be reachable by keyboard.
    <div
      className={styles.scroll}
      data-look={look}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table
        className={className ? `${styles.table} ${className}` : styles.table}
        aria-label={label}
      >
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={`column-${index}`} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
