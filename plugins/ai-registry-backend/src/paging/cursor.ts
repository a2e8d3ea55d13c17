import { InputError } from '@backstage/errors';

/** Turns the last row's sort key into the opaque `cursor` of the next page. */
export function encodeCursor(key: string | number): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeCursor} made; anything else is an InputError.
 *
 * @param type - `digits` of a number that the database gives as text, since it may be larger than ours are
 */
export function decodeCursor<T extends 'string' | 'number' | 'digits'>(
  cursor: string,
  type: T,
): T extends 'number' ? number : string {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (fits(key, type)) return key;
  } catch {
    // Falls through to the same answer as a key of the wrong type.
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}

/** A database takes no zeros in texts, and its numbers have an end. */
function fits(key: unknown, type: 'string' | 'number' | 'digits'): boolean {
  switch (type) {
    case 'number':
      return Number.isInteger(key) && Math.abs(Number(key)) < 2 ** 31;
    case 'digits':
      return typeof key === 'string' && /^\d{1,18}$/.test(key);
    default:
      return typeof key === 'string' && !key.includes('\0');
  }
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
