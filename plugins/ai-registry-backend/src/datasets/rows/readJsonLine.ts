import { InputError } from '@backstage/errors';
import type { JsonObject, JsonValue } from '@backstage/types';
import type { Line } from './Lines';

/** No row has more levels; deeper ones only exhaust the stack of whoever walks them. */
const MAX_DEPTH = 64;

/**
 * The row that a line of a JSON lines file holds.
 *
 * @returns undefined for a line with nothing in it
 * @throws InputError that names the line, and never says what is in it
 */
export function readJsonLine({ number, text }: Line): JsonObject | undefined {
  if (text.trim() === '') return undefined;
  let row: JsonValue;
  try {
    row = JSON.parse(text);
  } catch {
    throw new InputError(
      `line ${number} is no JSON: write one object a line, such as {"input": "..."}`,
    );
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new InputError(
      `line ${number} is no JSON object: write one a line, such as {"input": "..."}`,
    );
  }
  if (!isShallow(row, MAX_DEPTH)) {
    throw new InputError(
      `line ${number} is nested more than ${MAX_DEPTH} levels deep`,
    );
  }
  return row as JsonObject;
}

function isShallow(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    levels > 0 &&
    Object.values(value).every(inner => isShallow(inner, levels - 1))
  );
}
