import { InputError } from '@backstage/errors';
import {
  columnsOf,
  MAX_FOOTER_BYTES,
  readFooter,
  TAIL_BYTES,
} from './parquetFile';
import type { RowsInspector, RowsSummary } from './RowsInspector';

const MAGIC = 'PAR1';

/**
 * Reads the footer of a Parquet file once all of the file has passed: it says which columns and
 * how many rows there are, so that only the end has to be kept.
 */
export class ParquetInspector implements RowsInspector {
  #begin = '';
  #end: Uint8Array[] = [];
  #endBytes = 0;

  take(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#begin.length < MAGIC.length) {
      this.#begin += Buffer.from(
        chunk.subarray(0, MAGIC.length - this.#begin.length),
      ).toString('latin1');
      if (!MAGIC.startsWith(this.#begin)) throw noParquet();
    }
    this.#end.push(chunk);
    this.#endBytes += chunk.length;
    const wanted = MAX_FOOTER_BYTES + TAIL_BYTES;
    while (this.#endBytes - this.#end[0].length >= wanted) {
      this.#endBytes -= this.#end[0].length;
      this.#end.shift();
    }
  }

  end(): RowsSummary {
    const end = Buffer.concat(this.#end);
    if (end.length < TAIL_BYTES + MAGIC.length) throw noParquet();
    const footerBytes = end.readUInt32LE(end.length - TAIL_BYTES);
    if (footerBytes > MAX_FOOTER_BYTES) {
      throw new InputError(
        `The footer of the file has ${footerBytes} bytes, more than the ${MAX_FOOTER_BYTES} that are read: write fewer row groups`,
      );
    }
    const footer = readFooter(end);
    const rows = Number(footer.num_rows);
    if (!Number.isSafeInteger(rows) || rows < 1) {
      throw new InputError('The file has no rows');
    }
    return { columns: columnsOf(footer), rows };
  }
}

function noParquet(): InputError {
  return new InputError(
    `The file is no Parquet file: one begins and ends with ${MAGIC}`,
  );
}
