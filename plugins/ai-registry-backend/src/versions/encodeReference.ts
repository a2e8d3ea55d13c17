import type {
  ModelSchema,
  ReferenceRows,
  StoredReference,
} from '@greenroom/plugin-ai-registry-common';

/** Enough for a background that explanations are given against. */
const MOST_ROWS = 1_000;
/** Of all rows together: a data plane holds them in memory. */
const MOST_VALUES = 1_000_000;

/**
 * Some of the reference rows, evenly spaced over all of them, as the file that data planes read.
 * The same rows give the same bytes.
 */
export function encodeReference(
  { features, predictions }: ReferenceRows,
  schema: ModelSchema,
): { content: Buffer; rows: number } {
  const names = schema.features.map(({ name }) => name);
  const rows = Math.max(
    1,
    Math.min(
      features.length,
      MOST_ROWS,
      Math.floor(MOST_VALUES / Math.max(1, names.length)),
    ),
  );
  const chosen = Array.from({ length: rows }, (_, index) =>
    Math.floor((index * features.length) / rows),
  );
  const stored: StoredReference = {
    formatVersion: 1,
    features: names,
    rows: chosen.map(index => features[index]),
    predictions: chosen.map(index => predictions[index]),
  };
  return { content: Buffer.from(JSON.stringify(stored)), rows };
}
