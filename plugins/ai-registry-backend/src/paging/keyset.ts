import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';

type Key = string | number;

/** One of the columns that a list is ordered by; none is null, and all of them together are different in each row. */
export interface KeyColumn<Row> {
  /** As SQL has it, such as `versions.version`. */
  sql: string;
  /** How a key is written into SQL. */
  type: 'text' | 'integer' | 'timestamptz';
  descending?: boolean;
  keyOf(row: Row): Key;
}

/** Orders a select, and has it begin after the row that a cursor stands for. */
export function orderByKeys<Row>(
  builder: Knex.QueryBuilder,
  columns: readonly KeyColumn<Row>[],
  cursor: string | undefined,
): void {
  for (const { sql, descending } of columns) {
    builder.orderByRaw(`${sql} ${descending ? 'desc' : 'asc'}`);
  }
  if (cursor === undefined) return;
  const keys = readCursor(cursor, columns);
  builder.where(after => {
    columns.forEach(({ sql, type, descending }, index) => {
      after.orWhere(row => {
        columns.slice(0, index).forEach((before, at) => {
          row.whereRaw(`${before.sql} = ?::${before.type}`, [keys[at]]);
        });
        row.whereRaw(`${sql} ${descending ? '<' : '>'} ?::${type}`, [
          keys[index],
        ]);
      });
    });
  });
}

/** Cuts rows that were read with `limit + 1` down to a page. */
export function toKeyPage<Row>(
  rows: Row[],
  columns: readonly KeyColumn<Row>[],
  limit: number,
): { rows: Row[]; nextCursor?: string } {
  if (rows.length <= limit) return { rows };
  const page = rows.slice(0, limit);
  const keys = [
    orderName(columns),
    ...columns.map(({ keyOf }) => keyOf(page[limit - 1])),
  ];
  return {
    rows: page,
    nextCursor: Buffer.from(JSON.stringify(keys)).toString('base64url'),
  };
}

function readCursor<Row>(
  cursor: string,
  columns: readonly KeyColumn<Row>[],
): Key[] {
  try {
    const [order, ...keys] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    const fits = columns.every(({ type }, index) =>
      type === 'integer'
        ? Number.isSafeInteger(keys[index])
        : typeof keys[index] === 'string',
    );
    if (order === orderName(columns) && fits) return keys;
  } catch {
    // Falls through to the same answer as another order's cursor.
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave in this order: repeat the call without it`,
  );
}

/** Pages of one order are not gone on with in another. */
function orderName<Row>(columns: readonly KeyColumn<Row>[]): string {
  return columns
    .map(({ sql, descending }) => (descending ? `-${sql}` : sql))
    .join(',');
}
