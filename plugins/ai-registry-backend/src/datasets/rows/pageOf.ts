import {
  type DatasetRow,
  type DatasetRows,
  MAX_ROWS_AT_ONCE,
} from '@greenroom/plugin-ai-registry-common';
import type { RowRange } from './DatasetFileReader';

/** Of all rows of one answer together, as JSON. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;
const DEFAULT_LIMIT = 100;

/**
 * The rows of one answer: as many as fit, and at least one.
 *
 * @param total - rows that there are
 */
export async function pageOf(
  { offset = 0, limit = DEFAULT_LIMIT }: RowRange,
  total: number,
  read: (range: RowRange) => AsyncIterable<DatasetRow>,
): Promise<DatasetRows> {
  const items: DatasetRow[] = [];
  let characters = 0;
  const wanted = Math.min(limit, MAX_ROWS_AT_ONCE);
  for await (const row of read({ offset, limit: wanted })) {
    characters += JSON.stringify(row).length;
    if (items.length > 0 && characters > MAX_PAGE_CHARACTERS) break;
    items.push(row);
  }
  const next = offset + items.length;
  return { items, offset, nextOffset: next < total ? next : undefined };
}
