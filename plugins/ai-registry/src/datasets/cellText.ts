import type { JsonValue } from '@backstage/types';

/** What a table shows of a value; undefined when there is none. */
export function cellText(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
