import type { ArtifactReader, ArtifactStore } from '@greenroom/artifact-store';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { JsonObject, JsonValue } from '@backstage/types';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetReadObjects,
} from 'hyparquet';
import { ConflictError } from '@backstage/errors';
import { rowOf } from './columnTypes';
import {
  COMPRESSORS,
  MAX_FOOTER_BYTES,
  readFooter,
  TAIL_BYTES,
} from './parquetFile';

/** Rows that are taken apart at a time: each time the pages that they lie in are unpacked. */
const ROWS_AT_A_TIME = 20_000;

/** Reads rows of a Parquet file as JSON. */
export async function* readParquetRows(
  artifacts: ArtifactStore,
  digest: Digest,
  { offset, limit }: { offset: number; limit: number },
): AsyncGenerator<JsonObject> {
  const reader = await artifacts.openReader(digest);
  try {
    const { sizeBytes } = reader;
    const endBytes = Math.min(sizeBytes, MAX_FOOTER_BYTES + TAIL_BYTES);
    const metadata = readFooter(
      await readBytes(reader, sizeBytes - endBytes, endBytes),
    );
    const last = Math.min(Number(metadata.num_rows), offset + limit);
    for (let start = offset; start < last; start += ROWS_AT_A_TIME) {
      const rows = await unpackRows(reader, {
        metadata,
        rowStart: start,
        rowEnd: Math.min(start + ROWS_AT_A_TIME, last),
      });
      for (const row of rows) yield toJsonObject(row);
    }
  } finally {
    await reader.close();
  }
}

/** @throws ConflictError when the file is damaged behind a footer that is in order */
async function unpackRows(
  reader: ArtifactReader,
  range: { metadata: FileMetaData; rowStart: number; rowEnd: number },
): Promise<object[]> {
  try {
    return await parquetReadObjects({
      ...range,
      file: bufferOf(reader),
      compressors: COMPRESSORS,
      // What is not said to be text is bytes.
      utf8: false,
      geoparquet: false,
      parsers: { dateFromDays },
      useOffsetIndex: true,
    });
  } catch (error) {
    throw new ConflictError(
      `Rows ${range.rowStart + 1} to ${
        range.rowEnd
      } of the Parquet file cannot be read: it is damaged, or uses what is not understood here; write it again and upload a new version`,
      error,
    );
  }
}

function bufferOf(reader: ArtifactReader): AsyncBuffer {
  return {
    byteLength: reader.sizeBytes,
    async slice(start, end = reader.sizeBytes) {
      const bytes = await readBytes(reader, start, end - start);
      return new Uint8Array(bytes).buffer;
    },
  };
}

async function readBytes(
  reader: ArtifactReader,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = await reader.read(position, length);
  if (bytes.length !== length) {
    throw new Error(
      `The file ends ${
        length - bytes.length
      } bytes before what its footer says`,
    );
  }
  return bytes;
}

/** A day has no time. */
function dateFromDays(days: number | undefined): string | undefined {
  if (days === undefined || days === null) return undefined;
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime())
    ? undefined
    : date.toISOString().slice(0, 10);
}

function toJsonObject(row: object): JsonObject {
  return rowOf(
    Object.entries(row).map(([name, value]) => [name, toJson(value)]),
  );
}

/** What JSON has no word for is written as text. */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      return null;
  }
}

function objectToJson(value: object): JsonValue {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString('base64');
  }
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as unknown as Iterable<unknown>, toJson);
  }
  if (Array.isArray(value)) return value.map(toJson);
  return toJsonObject(value);
}
