import type { ReactNode } from 'react';
import { PlainTable } from './PlainTable';

export interface DataTableProps {
  /** Read out by screen readers. */
  caption: string;
  columns: string[];
  /** [row][column] */
  rows: ReactNode[][];
  look?: 'facts' | 'numbers';
}

/** A table of values: the facts of a thing, or the numbers behind a chart. */
export function DataTable(props: DataTableProps) {
  const { caption, columns, rows, look = 'facts' } = props;
  return (
    <PlainTable label={caption} columns={columns} look={look}>
      {rows.map((row, index) => (
        <tr key={`row-${index}`}>
          {row.map((cell, column) => (
            <td key={columns[column]}>{cell}</td>
          ))}
        </tr>
      ))}
    </PlainTable>
  );
}
