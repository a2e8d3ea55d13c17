/** What a parser wants next: a line, given without its end, or so many bytes. */
export type Wanted = 'line' | number;

/** Takes an answer apart: says what it wants, is given it, and returns the answer. */
export type AnswerParser<T> = Generator<Wanted, T, Buffer>;

/** No line of an answer is longer. */
const MAX_LINE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Gives a parser what it wants of a stream that comes in pieces. */
export class AnswerReader {
  readonly #parser: AnswerParser<unknown>;
  /** Of what is wanted, as far as it came. */
  #pieces: Buffer[] = [];
  #sizeBytes = 0;
  #step: IteratorResult<Wanted, unknown>;

  constructor(parser: AnswerParser<unknown>) {
    this.#parser = parser;
    this.#step = parser.next();
  }

  /** Undefined while it is not complete. */
  get answer(): { value: unknown } | undefined {
    return this.#step.done ? { value: this.#step.value } : undefined;
  }

  /**
   * @returns what was left over when the answer was complete
   * @throws what the parser throws, and when a line has no end
   */
  take(chunk: Buffer): Buffer {
    let rest = chunk;
    // What is wanted may be nothing at all, such as the content of an empty file.
    while (!this.#step.done && (rest.length > 0 || this.#step.value === 0)) {
      rest =
        this.#step.value === 'line'
          ? this.#takeLine(rest)
          : this.#takeBytes(rest, this.#step.value);
    }
    return rest;
  }

  #takeLine(chunk: Buffer): Buffer {
    const end = chunk.indexOf(NEWLINE);
    this.#keep(end < 0 ? chunk : chunk.subarray(0, end));
    if (this.#sizeBytes > MAX_LINE_BYTES) {
      throw new Error(
        `A line of an answer has more than ${MAX_LINE_BYTES} bytes`,
      );
    }
    if (end < 0) return chunk.subarray(chunk.length);
    this.#give();
    return chunk.subarray(end + 1);
  }

  #takeBytes(chunk: Buffer, wantedBytes: number): Buffer {
    const missing = wantedBytes - this.#sizeBytes;
    this.#keep(chunk.subarray(0, missing));
    if (this.#sizeBytes === wantedBytes) this.#give();
    return chunk.subarray(missing);
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#sizeBytes += piece.length;
  }

  #give(): void {
    const wanted = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#sizeBytes = 0;
    this.#step = this.#parser.next(wanted);
  }
}
