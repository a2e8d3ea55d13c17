import { z } from 'zod';
import { BundleError, type Bundle, type BundleFile } from './bundle';

/** How the rows of a dataset are written down. */
export const DATASET_FORMATS = ['jsonl', 'csv', 'parquet'] as const;

export type DatasetFormat = (typeof DATASET_FORMATS)[number];

/** What the values of a column are. */
export const DATASET_COLUMN_TYPES = [
  'string',
  /** Whole numbers that a double holds exactly. */
  'integer',
  'number',
  'boolean',
  /** A moment, or a day. */
  'timestamp',
  /** Bytes, which JSON shows as base64. */
  'bytes',
  /** Lists, objects, and values of several types. */
  'json',
  /** No row has a value. */
  'null',
] as const;

export type DatasetColumnType = (typeof DATASET_COLUMN_TYPES)[number];

/** Name of the file of a dataset's bundle that says what is in the other one. */
export const DATASET_SCHEMA_FILE = 'dataset.json';
export const MAX_DATASET_COLUMNS = 1_000;
export const MAX_COLUMN_NAME_CHARACTERS = 200;
/** More than the largest schema takes. */
export const MAX_DATASET_SCHEMA_BYTES = 2 * 1024 * 1024;

const column = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(MAX_COLUMN_NAME_CHARACTERS)
    .refine(
      name => !/[\p{Control}\p{Surrogate}]/u.test(name),
      'expected a name without control characters',
    ),
  type: z.enum(DATASET_COLUMN_TYPES),
});

/** What the rows of a dataset version are: the file that lets its digest pin columns and count. */
export const datasetSchema = z.strictObject({
  formatVersion: z.literal(1),
  format: z.enum(DATASET_FORMATS),
  /** In the order of the file; in JSON lines, that in which they are met first. */
  columns: z.array(column).min(1).max(MAX_DATASET_COLUMNS),
  rows: z.int().min(1),
});

export type DatasetSchema = z.infer<typeof datasetSchema>;
export type DatasetColumn = DatasetSchema['columns'][number];

/** Name of the file of a dataset's bundle that holds the rows. */
export function datasetFileName(format: DatasetFormat): string {
  return `data.${format}`;
}

/**
 * The one way to write a schema down (RFC 8785).
 *
 * @throws BundleError that names the field and what was expected there
 */
export function encodeDatasetSchema(schema: DatasetSchema): Uint8Array {
  const { columns, format, formatVersion, rows } = checkSchema(schema);
  return new TextEncoder().encode(
    // The names of the fields are in the order that RFC 8785 wants.
    JSON.stringify({
      columns: columns.map(({ name, type }) => ({ name, type })),
      format,
      formatVersion,
      rows,
    }),
  );
}

/** @throws BundleError that names the field and what was expected there */
export function parseDatasetSchema(text: string): DatasetSchema {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BundleError(`${DATASET_SCHEMA_FILE}: expected JSON`);
  }
  return checkSchema(value);
}

/**
 * The two files of a bundle of format `dataset`.
 *
 * @throws BundleError when there is another, or one of them is not there
 */
export function datasetFilesOf({ files }: Bundle): {
  data: BundleFile;
  schema: BundleFile;
  format: DatasetFormat;
} {
  const schema = files.find(({ path }) => path === DATASET_SCHEMA_FILE);
  const found = DATASET_FORMATS.flatMap(format => {
    const data = files.find(({ path }) => path === datasetFileName(format));
    return data ? [{ data, format }] : [];
  });
  if (!schema || found.length !== 1 || files.length !== 2) {
    throw new BundleError(
      `A bundle of format dataset is exactly ${DATASET_SCHEMA_FILE} and one of ${DATASET_FORMATS.map(
        datasetFileName,
      ).join(', ')}`,
    );
  }
  return { ...found[0], schema };
}

function checkSchema(value: unknown): DatasetSchema {
  const result = datasetSchema.safeParse(value);
  if (!result.success) {
    const [{ path, message: expected }] = result.error.issues;
    const field = path.length > 0 ? `${path.join('.')}: ` : '';
    throw new BundleError(`${DATASET_SCHEMA_FILE}: ${field}${expected}`);
  }
  const names = new Set<string>();
  for (const { name } of result.data.columns) {
    if (names.has(name)) {
      throw new BundleError(
        `${DATASET_SCHEMA_FILE}: columns: '${name}' is named twice`,
      );
    }
    names.add(name);
  }
  return result.data;
}
