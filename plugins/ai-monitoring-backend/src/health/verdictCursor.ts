import { InputError } from '@backstage/errors';

/** Severity, model and environment of the last verdict of a page. */
export type VerdictPlace = [number, string, string];

/** Turns the last verdict of a page into the opaque `cursor` of the next one. */
export function encodeVerdictCursor(place: VerdictPlace): string {
  return Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');
}

/** Reads a cursor that {@link encodeVerdictCursor} made; anything else is an InputError. */
export function decodeVerdictCursor(cursor: string): VerdictPlace {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    place = undefined;
  }
  if (Array.isArray(place) && place.length === 3) {
    const [severity, model, environment] = place;
    if (
      Number.isInteger(severity) &&
      Math.abs(severity) < 100 &&
      typeof model === 'string' &&
      typeof environment === 'string'
    ) {
      return [severity, model, environment];
    }
  }
  throw new InputError(
    `cursor '${cursor}' is not one that this list gave: repeat the call without it`,
  );
}
