// @ts-check
/**
 * Reads rows of a Parquet file as JSON, in a thread of its own: what is in a file is anybody's, and a
 * damaged one may keep a thread busy for ever or fill its memory.
 *
 * It is plain JavaScript because a thread begins with a file, wherever the package is installed.
 * For each message `next` it answers with some rows, or that there are no more; it asks for pieces of the file.
 */
const { parentPort, workerData } = require('node:worker_threads');
const zlib = require('node:zlib');

/**
 * @typedef {{ sizeBytes: number, footerBytes: number, offset: number, limit: number }} Task
 * @typedef {import('@backstage/types').JsonValue} Json
 * @typedef {{ kind: 'slice', id: number, start: number, end: number }} SliceQuestion
 */

/** Unpacked; far more than any writer puts into a page. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;
/** Rows that are taken apart at a time: each time the pages that they lie in are unpacked. */
const MAX_BATCH_ROWS = 20_000;
/** Of all of them together. */
const MAX_BATCH_VALUES = 1_000_000;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

const port = parentPort;
if (!port) throw new Error('This file is for a worker thread');

// The columns of a row group are read side by side: after the first that fails, the others do not matter.
process.on('unhandledRejection', () => {});

/** @type {Map<number, (bytes: ArrayBuffer) => void>} */
const questions = new Map();
let lastQuestion = 0;
/** @type {() => void} */
let wake = () => {};
let isWanted = false;

port.on('message', message => {
  if (message === 'next') {
    isWanted = true;
    wake();
    return;
  }
  questions.get(message.id)?.(message.bytes);
  questions.delete(message.id);
});

/** @type {import('hyparquet').Compressors} */
const compressors = {
  GZIP: (input, length) =>
    zlib.gunzipSync(input, { maxOutputLength: bounded(length) }),
  BROTLI: (input, length) =>
    zlib.brotliDecompressSync(input, { maxOutputLength: bounded(length) }),
  ZSTD: (input, length) =>
    zlib.zstdDecompressSync(input, { maxOutputLength: bounded(length) }),
};

main(workerData).then(
  () => port.postMessage({ kind: 'end' }),
  error => port.postMessage({ kind: 'failed', reason: String(error?.message) }),
);

/** @param {Task} task */
async function main({ sizeBytes, footerBytes, offset, limit }) {
  const { parquetMetadata, parquetReadObjects, snappyUncompress } =
    await import('hyparquet');
  compressors.SNAPPY = (input, length) => {
    const output = new Uint8Array(bounded(length));
    snappyUncompress(input, output);
    return output;
  };
  const metadata = parquetMetadata(
    await readSlice(sizeBytes - footerBytes, sizeBytes),
    { geoparquet: false },
  );
  const last = Math.min(Number(metadata.num_rows), offset + limit);
  const batchRows = rowsOfBatch(metadata);
  for (let start = offset; start < last; start += batchRows) {
    await wanted();
    const rows = await parquetReadObjects({
      metadata,
      rowStart: start,
      rowEnd: Math.min(start + batchRows, last),
      file: {
        byteLength: sizeBytes,
        slice: (from, to = sizeBytes) => readSlice(from, to),
      },
      compressors,
      // What is not said to be text is bytes.
      utf8: false,
      geoparquet: false,
      parsers: { dateFromDays },
      useOffsetIndex: true,
    });
    port?.postMessage({ kind: 'rows', rows: rows.map(toJsonObject) });
  }
  await wanted();
}

/**
 * As many as fit into the thread's memory, by what the footer says of their size.
 *
 * @param {import('hyparquet').FileMetaData} metadata
 */
function rowsOfBatch({ num_rows, row_groups }) {
  let bytes = 0;
  for (const { columns } of row_groups) {
    for (const { meta_data } of columns) {
      bytes += Number(meta_data?.total_uncompressed_size ?? 0);
    }
  }
  const columns = row_groups[0]?.columns.length ?? 1;
  const bytesOfRow = Math.max(1, bytes / Math.max(1, Number(num_rows)));
  const rows = Math.min(
    MAX_BATCH_ROWS,
    MAX_BATCH_VALUES / Math.max(1, columns),
    MAX_BATCH_BYTES / bytesOfRow,
  );
  return Math.max(1, Math.floor(rows));
}

/** Until the next rows are wanted. */
async function wanted() {
  if (!isWanted) {
    await new Promise(resolve => {
      wake = () => resolve(undefined);
    });
  }
  isWanted = false;
}

/**
 * @param {number} start
 * @param {number} end
 * @returns {Promise<ArrayBuffer>}
 */
function readSlice(start, end) {
  return new Promise(resolve => {
    lastQuestion += 1;
    questions.set(lastQuestion, resolve);
    /** @type {SliceQuestion} */
    const question = { kind: 'slice', id: lastQuestion, start, end };
    port?.postMessage(question);
  });
}

/** @param {number} bytes */
function bounded(bytes) {
  if (bytes > MAX_PAGE_BYTES) {
    throw new Error(`a page has ${bytes} bytes, too many to unpack`);
  }
  return bytes;
}

/**
 * A day has no time.
 *
 * @param {number | null | undefined} days
 */
function dateFromDays(days) {
  if (days === undefined || days === null) return undefined;
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime())
    ? undefined
    : date.toISOString().slice(0, 10);
}

/**
 * @param {object} row
 * @returns {{ [name: string]: Json }}
 */
function toJsonObject(row) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, toJson(value)]),
  );
}

/**
 * What JSON has no word for is written as text.
 *
 * @param {unknown} value
 * @returns {Json}
 */
function toJson(value) {
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

/**
 * @param {object} value
 * @returns {Json}
 */
function objectToJson(value) {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(/** @type {Iterable<unknown>} */ (value), toJson);
  }
  return toJsonObject(value);
}
