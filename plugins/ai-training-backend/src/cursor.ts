import { InputError } from '@backstage/errors';

type Key = (string | number)[];

/** Turns the last row's sort key into the opaque `cursor` of the next page. */
export function encodeCursor(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeCursor} made.
 *
 * @param length - how many parts the key has
 * @param name - what the request calls it
 * @throws InputError for anything else
 */
export function decodeCursor(
  cursor: string,
  length: number,
  name = 'cursor',
): Key {
  try {
    const key: unknown = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    if (Array.isArray(key) && key.length === length && key.every(isPart)) {
      return key;
    }
  } catch {
    // Falls through to the same answer as a key of another form.
  }
  throw new InputError(
    `${name} '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}

function isPart(part: unknown): part is string | number {
  return typeof part === 'string' || typeof part === 'number';
}
