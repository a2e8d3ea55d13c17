import type { JsonObject, JsonValue } from '@backstage/types';
import {
  type DatasetPreview,
  MAX_PREVIEW_ROWS,
} from '@greenroom/plugin-ai-registry-common';

/** A person sees the beginning of a long text; who wants the rest downloads the file. */
const MAX_VALUE_CHARACTERS = 300;
/** Of all rows together, as JSON. */
const MAX_PREVIEW_CHARACTERS = 256 * 1024;
const CUT = '…';

/** The first rows, as many as fit, with long values cut. */
export async function previewOf(
  rows: AsyncIterable<JsonObject>,
): Promise<DatasetPreview> {
  const items: JsonObject[] = [];
  let characters = 0;
  let cut = false;
  for await (const row of rows) {
    const shown = shorten(row);
    cut ||= Object.keys(row).some(name => shown[name] !== row[name]);
    characters += JSON.stringify(shown).length;
    if (items.length > 0 && characters > MAX_PREVIEW_CHARACTERS) break;
    items.push(shown);
    if (items.length === MAX_PREVIEW_ROWS) break;
  }
  return { items, cut };
}

function shorten(row: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, cutValue(value ?? null)]),
  );
}

/** A long list or object becomes the beginning of its JSON. */
function cutValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cutText(value);
  if (typeof value !== 'object' || value === null) return value;
  const json = JSON.stringify(value);
  return json.length > MAX_VALUE_CHARACTERS ? cutText(json) : value;
}

function cutText(text: string): string {
  if (text.length <= MAX_VALUE_CHARACTERS) return text;
  const start = text.slice(0, MAX_VALUE_CHARACTERS);
  // Not in the middle of a character of two halves.
  return `${start.replace(/[\ud800-\udbff]$/, '')}${CUT}`;
}
