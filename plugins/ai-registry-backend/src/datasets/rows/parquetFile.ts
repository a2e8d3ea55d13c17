import { InputError } from '@backstage/errors';
import type { DatasetColumn, DatasetColumnType } from '@greenroom/bundle-file';
import {
  type FileMetaData,
  parquetMetadata,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { zstdDecompressSync } from 'node:zlib';
import { checkColumnNames } from './columnNames';

/** Most that is said about a file at its end, in bytes. */
export const MAX_FOOTER_BYTES = 8 * 1024 * 1024;
/** What follows the footer: its length in four bytes, and `PAR1`. */
export const TAIL_BYTES = 8;
/** Rows are read a group at a time, so that one group has to fit into memory. */
const MAX_GROUP_BYTES = 256 * 1024 * 1024;
const MAX_GROUP_ROWS = 2_000_000;

/** What the thread that reads rows unpacks; only newer versions of Node.js have ZSTD. */
const CODECS: readonly string[] = [
  'UNCOMPRESSED',
  'SNAPPY',
  'GZIP',
  'BROTLI',
  ...(typeof zstdDecompressSync === 'function' ? ['ZSTD'] : []),
];

/**
 * Reads the footer of a Parquet file.
 *
 * @param end - of the file, the whole footer in it
 * @throws InputError when it is no Parquet file, or one that cannot be read back
 */
export function readFooter(end: Uint8Array): FileMetaData {
  let footer: FileMetaData;
  try {
    footer = parquetMetadata(end, { geoparquet: false });
  } catch {
    throw new InputError(
      'The file is no Parquet file, or the end of it is missing: its footer cannot be read',
    );
  }
  const inGroups = footer.row_groups.reduce(
    (sum, group) => sum + Number(group.num_rows),
    0,
  );
  if (inGroups !== Number(footer.num_rows)) {
    throw new InputError(
      `The file is damaged: it has ${footer.num_rows} rows by its footer, and another number by its row groups`,
    );
  }
  for (const group of footer.row_groups) {
    const bytes = group.columns.reduce(
      (sum, { meta_data: chunk }) =>
        sum + Number(chunk?.total_uncompressed_size ?? 0),
      0,
    );
    if (bytes > MAX_GROUP_BYTES || Number(group.num_rows) > MAX_GROUP_ROWS) {
      throw new InputError(
        `A row group of the file has ${group.num_rows} rows in ${bytes} bytes, where at most ${MAX_GROUP_ROWS} in ${MAX_GROUP_BYTES} are taken: write smaller row groups`,
      );
    }
    for (const { meta_data: chunk } of group.columns) {
      if (chunk && !CODECS.includes(chunk.codec)) {
        throw new InputError(
          `The file is compressed with ${chunk.codec}: write it with SNAPPY, GZIP, ZSTD, BROTLI or without compression`,
        );
      }
    }
  }
  return footer;
}

/** @throws InputError that names the column which is wrong */
export function columnsOf(footer: FileMetaData): DatasetColumn[] {
  const fields = childrenOf(footer);
  const names = fields.map(({ element }) => element.name);
  checkColumnNames(names, 'The schema of the file');
  return fields.map((field, index) => ({
    name: names[index],
    type: typeOfField(field),
  }));
}

function childrenOf(footer: FileMetaData): SchemaTree[] {
  try {
    return parquetSchema(footer).children;
  } catch {
    throw new InputError(
      'The file is damaged: the columns that its footer names are not all there',
    );
  }
}

function typeOfField({ element, children }: SchemaTree): DatasetColumnType {
  if (children.length > 0 || element.repetition_type === 'REPEATED') {
    return 'json';
  }
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if (
    logical === 'TIMESTAMP' ||
    logical === 'DATE' ||
    converted === 'DATE' ||
    converted === 'TIMESTAMP_MILLIS' ||
    converted === 'TIMESTAMP_MICROS' ||
    element.type === 'INT96'
  ) {
    return 'timestamp';
  }
  if (logical === 'DECIMAL' || converted === 'DECIMAL') return 'number';
  if (logical === 'UUID') return 'string';
  if (logical === 'FLOAT16') return 'number';
  switch (element.type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'INT32':
    case 'INT64':
      return 'integer';
    case 'FLOAT':
    case 'DOUBLE':
      return 'number';
    default:
      break;
  }
  if (converted === 'JSON' || logical === 'JSON') return 'json';
  return converted === 'UTF8' ||
    converted === 'ENUM' ||
    logical === 'STRING' ||
    logical === 'ENUM'
    ? 'string'
    : 'bytes';
}
