import { InputError } from '@backstage/errors';

/** One line of a file, without its line feed. */
export interface Line {
  /** 1 for the first. */
  number: number;
  text: string;
}

/** Longest line that is taken, in bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Takes a file of UTF-8 apart into its lines, as its bytes come.
 *
 * @remarks
 *
 * No other character has a line feed among its bytes, so that a line is decoded as a whole, and
 * one that is no UTF-8 is known by its number.
 */
export class Lines {
  readonly #decoder = new TextDecoder('utf-8', {
    fatal: true,
    ignoreBOM: true,
  });
  #begun: Uint8Array[] = [];
  #begunBytes = 0;
  #number = 0;

  /** @throws InputError that names the line which is too long, or no UTF-8 */
  *take(chunk: Uint8Array): Generator<Line> {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, from);
      if (end === -1) break;
      this.#begin(chunk.subarray(from, end));
      yield this.#finish();
      from = end + 1;
    }
    this.#begin(chunk.subarray(from));
  }

  /** The last line, when no line feed ends it. */
  *end(): Generator<Line> {
    if (this.#begunBytes > 0) yield this.#finish();
  }

  #begin(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#begunBytes += bytes.length;
    if (this.#begunBytes > MAX_LINE_BYTES) {
      throw new InputError(
        `line ${
          this.#number + 1
        } is longer than ${MAX_LINE_BYTES} bytes: shorten it`,
      );
    }
    this.#begun.push(bytes);
  }

  #finish(): Line {
    this.#number += 1;
    const bytes =
      this.#begun.length === 1 ? this.#begun[0] : Buffer.concat(this.#begun);
    this.#begun = [];
    this.#begunBytes = 0;
    const text = this.#decode(bytes);
    return {
      number: this.#number,
      text:
        this.#number === 1 && text.startsWith(BYTE_ORDER_MARK)
          ? text.slice(1)
          : text,
    };
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new InputError(
        `line ${this.#number} is not in UTF-8: save the file in that encoding`,
      );
    }
  }
}
