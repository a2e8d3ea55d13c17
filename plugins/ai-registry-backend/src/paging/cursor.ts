import { InputError } from '@backstage/errors';

/** Turns the last row's sort key into the opaque `cursor` of the next page. */
export function encodeCursor(key: string | number): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Reads a cursor that {@link encodeCursor} made; anything else is an InputError. */
export function decodeCursor<T extends 'string' | 'number'>(
  cursor: string,
  type: T,
): T extends 'string' ? string : number {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof key === type && fitsColumn(key)) return key;
  } catch {
    // Falls through to the same answer as a key of the wrong type.
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}

/** A database takes no zeros in texts, and its numbers have an end. */
function fitsColumn(key: string | number): boolean {
  return typeof key === 'string'
    ? !key.includes('\0')
    : Number.isInteger(key) && Math.abs(key) < 2 ** 31;
}

/** Cuts rows that were read with `limit + 1` down to a page. */
export function toPage<Row>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => string | number,
): { rows: Row[]; nextCursor?: string } {
  if (rows.length <= limit) return { rows };
  const page = rows.slice(0, limit);
  return { rows: page, nextCursor: encodeCursor(keyOf(page[limit - 1])) };
}
