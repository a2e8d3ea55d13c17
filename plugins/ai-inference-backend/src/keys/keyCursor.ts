import { InputError } from '@backstage/errors';

/** A key's place in the list, which is by age, the newest first. */
export interface KeyPlace {
  createdAt: string;
  id: string;
}

/** What ids of keys look like. */
export const ID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Turns the last key of a page into the opaque `cursor` of the next one. */
export function encodeKeyCursor({ createdAt, id }: KeyPlace): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/** Reads a cursor that {@link encodeKeyCursor} made; anything else is an InputError. */
export function decodeKeyCursor(cursor: string): KeyPlace {
  try {
    const [createdAt, id, ...rest] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
    if (
      !Number.isNaN(Date.parse(createdAt)) &&
      ID_PATTERN.test(id) &&
      rest.length === 0
    ) {
      return { createdAt, id };
    }
  } catch {
    // Falls through to the same answer as a place that is none.
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}
