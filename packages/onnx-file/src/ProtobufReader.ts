import { OnnxFileError } from './OnnxFileError';

/** Bytes that can be read in any order, such as an open file. */
export interface RandomAccessBytes {
  sizeBytes: number;
  /** The bytes from `position` on; fewer than `length` only at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Where a length-delimited field's content lies: from `start` up to, not including, `end`. */
export interface Span {
  start: number;
  end: number;
}

/** One field of a message on the wire; what it means, the caller knows from the number. */
export type WireField =
  | { number: number; kind: 'varint'; value: number }
  | { number: number; kind: 'bytes'; span: Span }
  | { number: number; kind: 'fixed' };

const WINDOW_BYTES = 16 * 1024;
const LONGEST_VARINT_BYTES = 10;
/** No real model comes near; a file made of nothing but tiny fields would keep us busy for hours. */
const MAX_FIELDS = 2_000_000;

/**
 * Walks over the fields of protobuf messages and reads only what is asked for, so
 * that a message with gigabytes in it costs a few reads.
 */
export class ProtobufReader {
  readonly #source: RandomAccessBytes;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #fieldsRead = 0;

  constructor(source: RandomAccessBytes) {
    this.#source = source;
  }

  /** The fields of the message that fills the span. Throws an OnnxFileError when it is malformed. */
  async *fields(span: Span): AsyncGenerator<WireField> {
    let position = span.start;
    while (position < span.end) {
      this.#fieldsRead += 1;
      if (this.#fieldsRead > MAX_FIELDS) {
        throw malformed(`it has more than ${MAX_FIELDS} fields`);
      }
      const tag = await this.#varint(position, span.end);
      const number = Math.floor(tag.value / 8);
      if (tag.value < 0 || number === 0) {
        throw malformed(`there is no field at byte ${position}`);
      }
      switch (tag.value % 8) {
        case 0: {
          const { value, next } = await this.#varint(tag.next, span.end);
          yield { number, kind: 'varint', value };
          position = next;
          break;
        }
        case 1:
          yield { number, kind: 'fixed' };
          position = advance(tag.next, 8, span.end);
          break;
        case 2: {
          const length = await this.#varint(tag.next, span.end);
          const end = advance(length.next, length.value, span.end);
          yield { number, kind: 'bytes', span: { start: length.next, end } };
          position = end;
          break;
        }
        case 5:
          yield { number, kind: 'fixed' };
          position = advance(tag.next, 4, span.end);
          break;
        default:
          throw malformed(`the field at byte ${position} has no known type`);
      }
    }
  }

  /** A string field of at most `maxBytes`. */
  async text(span: Span, maxBytes: number): Promise<string> {
    const length = span.end - span.start;
    if (length > maxBytes) {
      throw malformed(`a name is longer than ${maxBytes} bytes`);
    }
    await this.#load(span.start, length);
    const offset = span.start - this.#windowStart;
    const bytes = this.#window.subarray(offset, offset + length);
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (!text.includes('\0')) return text;
    } catch {
      // Answered like a name with a zero in it.
    }
    throw malformed(`the name at byte ${span.start} is not text`);
  }

  /** The content of a bytes field, of at most `maxBytes`. */
  async bytes(span: Span, maxBytes: number): Promise<Uint8Array> {
    const length = span.end - span.start;
    if (length > maxBytes) {
      throw malformed(
        `the value at byte ${span.start} is longer than ${maxBytes} bytes`,
      );
    }
    await this.#load(span.start, length);
    const offset = span.start - this.#windowStart;
    return this.#window.slice(offset, offset + length);
  }

  /** The numbers of a packed field. */
  async numbers(span: Span): Promise<number[]> {
    const numbers: number[] = [];
    for (let position = span.start; position < span.end; ) {
      const { value, next } = await this.#varint(position, span.end);
      numbers.push(value);
      position = next;
    }
    return numbers;
  }

  /** A signed 64-bit number; beyond 2^53 only roughly, which no caller minds. */
  async #varint(
    position: number,
    end: number,
  ): Promise<{ value: number; next: number }> {
    const available = Math.min(LONGEST_VARINT_BYTES, end - position);
    await this.#load(position, available);
    const offset = position - this.#windowStart;
    let low = 0;
    for (let index = 0; index < available; index += 1) {
      const byte = this.#window[offset + index];
      // Seven bytes of seven bits stay below 2^53.
      if (index === 7) break;
      low += (byte % 128) * 2 ** (7 * index);
      if (byte < 128) return { value: low, next: position + index + 1 };
    }
    let wide = BigInt(low);
    for (let index = 7; index < available; index += 1) {
      const byte = this.#window[offset + index];
      wide += BigInt(byte % 128) << BigInt(7 * index);
      if (byte < 128) {
        const value = Number(BigInt.asIntN(64, wide));
        return { value, next: position + index + 1 };
      }
    }
    throw malformed(`the number at byte ${position} does not end`);
  }

  async #load(position: number, length: number): Promise<void> {
    const windowEnd = this.#windowStart + this.#window.length;
    if (position >= this.#windowStart && position + length <= windowEnd) {
      return;
    }
    this.#windowStart = position;
    this.#window = await this.#source.read(
      position,
      Math.max(length, WINDOW_BYTES),
    );
    if (this.#window.length < length) {
      throw malformed('it ends too early');
    }
  }
}

function advance(position: number, length: number, end: number): number {
  if (length < 0 || length > end - position) {
    throw malformed(
      `the field at byte ${position} is longer than what it lies in`,
    );
  }
  return position + length;
}

function malformed(detail: string): OnnxFileError {
  return new OnnxFileError(
    `The artifact is not a complete ONNX file: ${detail}. Export the model to ONNX once more and upload that file`,
  );
}

/** Whether a field is a number, and the one that is asked for. */
export function isVarint<N extends number>(
  field: WireField,
  number: N,
): field is WireField & { kind: 'varint'; number: N } {
  return field.kind === 'varint' && field.number === number;
}

/** Whether a field has content, and is the one that is asked for. */
export function isBytes<N extends number>(
  field: WireField,
  number: N,
): field is WireField & { kind: 'bytes'; number: N } {
  return field.kind === 'bytes' && field.number === number;
}
