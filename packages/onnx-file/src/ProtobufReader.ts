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
export type WireField = {
  number: number;
  /** Where the field begins, with its number and kind. */
  position: number;
} /** A signed number; beyond 2^53 `value` is rounded, and `wide` says it exactly. */ & (
  | { kind: 'varint'; value: number; wide?: bigint }
  | { kind: 'bytes'; span: Span }
  | { kind: 'fixed' }
);

/** A signed 64-bit number, and where the bytes after it begin. */
interface Varint {
  value: number;
  /** Exactly, where `value` may be rounded. */
  wide?: bigint;
  next: number;
}

const WINDOW_BYTES = 16 * 1024;
const LONGEST_VARINT_BYTES = 10;
/** A tag, and a number after it. */
const HEAD_BYTES = 2 * LONGEST_VARINT_BYTES;
const NONE: ReadonlySet<number> = new Set();

/** Fields with the elements of a list in an attribute (`AttributeProto`): floats, ints, strings. */
export const LISTS: ReadonlySet<number> = new Set([7, 8, 9]);
/** Fields with the elements of a tensor (`TensorProto`), but for its raw bytes. */
export const ELEMENTS: ReadonlySet<number> = new Set([4, 5, 6, 7, 10, 11]);

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
  readonly #maxFields: number;
  #fieldsRead = 0;

  constructor(source: RandomAccessBytes, maxFields = MAX_FIELDS) {
    this.#source = source;
    this.#maxFields = maxFields;
  }

  /**
   * The fields of the message that fills the span.
   *
   * @param without - numbers of fields that are left out, at little cost however many there are:
   *   the lists of a forest have millions of elements, each a field of its own
   * @throws OnnxFileError when it is malformed.
   */
  async *fields(
    span: Span,
    without: ReadonlySet<number> = NONE,
  ): AsyncGenerator<WireField> {
    let position = span.start;
    while (position < span.end) {
      const head = Math.min(HEAD_BYTES, span.end - position);
      // Waiting for what is there already would cost more than all else.
      if (!this.#holds(position, head)) await this.#load(position, head);
      if (without.size > 0) {
        const after = this.#skip(position, span.end, without);
        if (after > position) {
          position = after;
          continue;
        }
      }
      this.#fieldsRead += 1;
      if (this.#fieldsRead > this.#maxFields) {
        throw malformed(`it has more than ${this.#maxFields} fields`);
      }
      const tag = this.#varint(position, span.end);
      const number = Math.floor(tag.value / 8);
      if (tag.value < 0 || number === 0) {
        throw malformed(`there is no field at byte ${position}`);
      }
      switch (tag.value % 8) {
        case 0: {
          const { next, ...read } = this.#varint(tag.next, span.end);
          yield { number, position, kind: 'varint', ...read };
          position = next;
          break;
        }
        case 1:
          yield { number, position, kind: 'fixed' };
          position = advance(tag.next, 8, span.end);
          break;
        case 2: {
          const length = this.#varint(tag.next, span.end);
          const end = advance(length.next, length.value, span.end);
          const content = { start: length.next, end };
          yield { number, position, kind: 'bytes', span: content };
          position = end;
          break;
        }
        case 5:
          yield { number, position, kind: 'fixed' };
          position = advance(tag.next, 4, span.end);
          break;
        default:
          throw malformed(`the field at byte ${position} has no known type`);
      }
    }
  }

  /** @returns where the fields to leave out end, as far as they lie in what was read. */
  #skip(from: number, end: number, without: ReadonlySet<number>): number {
    const window = this.#window;
    const limit = Math.min(this.#windowStart + window.length, end);
    let position = from;
    while (position < limit) {
      const at = position - this.#windowStart;
      const tag = window[at];
      // All fields that are left out have small numbers, so a tag of one byte.
      if (tag > 127 || !without.has(tag >> 3)) return position;
      let next: number;
      if ((tag & 7) === 5) next = position + 5;
      else if ((tag & 7) === 1) next = position + 9;
      else if ((tag & 7) === 0 || (tag & 7) === 2) {
        let last = at + 1;
        while (window[last] > 127) last += 1;
        if (last - at > 4 && (tag & 7) === 2) return position;
        if (last >= window.length || last - at > LONGEST_VARINT_BYTES) {
          return position;
        }
        let length = 0;
        for (let i = last; i > at && (tag & 7) === 2; i -= 1) {
          length = length * 128 + (window[i] & 127);
        }
        next = this.#windowStart + last + 1 + length;
      } else return position;
      if (next > end) return position;
      position = next;
    }
    return position;
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

  /** The numbers of a packed field; beyond 2^53 only roughly. */
  async numbers(span: Span): Promise<number[]> {
    const numbers: number[] = [];
    for await (const { value } of this.#packed(span)) numbers.push(value);
    return numbers;
  }

  /** The numbers of a packed field, each exactly. */
  async integers(span: Span): Promise<bigint[]> {
    const integers: bigint[] = [];
    for await (const { value, wide } of this.#packed(span)) {
      integers.push(wide ?? BigInt(value));
    }
    return integers;
  }

  async *#packed(span: Span): AsyncGenerator<Varint> {
    for (let position = span.start; position < span.end; ) {
      const longest = Math.min(LONGEST_VARINT_BYTES, span.end - position);
      if (!this.#holds(position, longest)) await this.#load(position, longest);
      const read = this.#varint(position, span.end);
      yield read;
      position = read.next;
    }
  }

  /** The number at a place that is loaded. */
  #varint(position: number, end: number): Varint {
    const available = Math.min(LONGEST_VARINT_BYTES, end - position);
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
        const signed = BigInt.asIntN(64, wide);
        return {
          value: Number(signed),
          wide: signed,
          next: position + index + 1,
        };
      }
    }
    throw malformed(`the number at byte ${position} does not end`);
  }

  #holds(position: number, length: number): boolean {
    const windowEnd = this.#windowStart + this.#window.length;
    return position >= this.#windowStart && position + length <= windowEnd;
  }

  async #load(position: number, length: number): Promise<void> {
    if (this.#holds(position, length)) return;
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
