import type { JsonObject, JsonValue } from '@backstage/types';
import type { DatasetColumnType } from '@greenroom/bundle-file';

const INTEGER = /^-?(?:0|[1-9]\d*)$/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What the text of a CSV file stands for. */
export function typeOfText(text: string): DatasetColumnType {
  if (text === 'true' || text === 'false') return 'boolean';
  if (!NUMBER.test(text)) return 'string';
  if (INTEGER.test(text)) {
    const value = Number(text);
    // A long number is rather a code, which no number holds exactly; so is -0.
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? 'integer'
      : 'string';
  }
  return Number.isFinite(Number(text)) ? 'number' : 'string';
}

export function typeOfJson(value: JsonValue | undefined): DatasetColumnType {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) ? 'integer' : 'number';
    case 'undefined':
      return 'null';
    default:
      return value === null ? 'null' : 'json';
  }
}

/** What holds values of both types; `other` when nothing else does. */
export function mergeTypes(
  one: DatasetColumnType,
  two: DatasetColumnType,
  other: DatasetColumnType,
): DatasetColumnType {
  if (one === two || two === 'null') return one;
  if (one === 'null') return two;
  const bothNumbers = [one, two].every(
    type => type === 'integer' || type === 'number',
  );
  return bothNumbers ? 'number' : other;
}

/** A value of a CSV file in its column's type. */
export function readText(
  text: string | undefined,
  type: DatasetColumnType,
): JsonValue {
  if (text === undefined) return null;
  if (type === 'integer' || type === 'number') return Number(text);
  if (type === 'boolean') return text === 'true';
  return text;
}

/** An object with these fields; a name such as `__proto__` is one of them. */
export function rowOf(fields: Iterable<[string, JsonValue]>): JsonObject {
  return Object.fromEntries(fields);
}
