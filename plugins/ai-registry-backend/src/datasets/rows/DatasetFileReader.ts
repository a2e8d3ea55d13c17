import type { ArtifactStore } from '@greenroom/artifact-store';
import type { DatasetColumn, DatasetFormat } from '@greenroom/bundle-file';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { JsonObject } from '@backstage/types';
import { readText, rowOf } from './columnTypes';
import { CsvRecords } from './CsvRecords';
import { type Line, Lines } from './Lines';
import { readJsonLine } from './readJsonLine';
import { readParquetRows } from './readParquetRows';

/** Which of the rows are wanted. */
export interface RowRange {
  /** Rows before the first one; 0 when it is left out. */
  offset?: number;
  /** Most rows; all of them when it is left out. */
  limit?: number;
}

/** A file of rows that was looked at before it was kept. */
export interface DatasetFile {
  digest: Digest;
  format: DatasetFormat;
  columns: readonly DatasetColumn[];
}

/** Reads rows back as JSON, one after the other, in the memory that one of them takes. */
export class DatasetFileReader {
  readonly #artifacts: ArtifactStore;
  readonly #parquetTimeoutMillis: number | undefined;

  constructor(options: {
    artifacts: ArtifactStore;
    /** How long the next rows of a Parquet file may take. */
    parquetTimeoutMillis?: number;
  }) {
    this.#artifacts = options.artifacts;
    this.#parquetTimeoutMillis = options.parquetTimeoutMillis;
  }

  async *read(file: DatasetFile, range: RowRange): AsyncGenerator<JsonObject> {
    const { offset = 0, limit = Infinity } = range;
    if (limit <= 0) return;
    if (file.format === 'parquet') {
      yield* readParquetRows(this.#artifacts, file.digest, {
        offset,
        limit,
        timeoutMillis: this.#parquetTimeoutMillis,
      });
      return;
    }
    const lines = this.#linesOf(file.digest);
    const rows =
      file.format === 'csv'
        ? csvRows(lines, file.columns, offset)
        : jsonRows(lines, offset);
    let read = 0;
    for await (const row of rows) {
      yield row;
      read += 1;
      if (read >= limit) return;
    }
  }

  async *#linesOf(digest: Digest): AsyncGenerator<Line> {
    const lines = new Lines();
    // Leaving the loop early closes the stream.
    for await (const chunk of await this.#artifacts.open(digest)) {
      yield* lines.take(chunk);
    }
    yield* lines.end();
  }
}

/** Rows before the wanted ones are counted, and not taken apart. */
async function* jsonRows(
  lines: AsyncIterable<Line>,
  offset: number,
): AsyncGenerator<JsonObject> {
  let passed = 0;
  for await (const line of lines) {
    if (passed < offset) {
      if (line.text.trim() !== '') passed += 1;
      continue;
    }
    const row = readJsonLine(line);
    if (row) yield row;
  }
}

async function* csvRows(
  lines: AsyncIterable<Line>,
  columns: readonly DatasetColumn[],
  offset: number,
): AsyncGenerator<JsonObject> {
  const records = new CsvRecords();
  // The first record is the header.
  let left = offset + 1;
  for await (const line of lines) {
    const record = records.take(line);
    if (!record) continue;
    if (left > 0) {
      left -= 1;
      continue;
    }
    yield rowOf(
      columns.map(({ name, type }, index) => [
        name,
        readText(record.values[index], type),
      ]),
    );
  }
}
