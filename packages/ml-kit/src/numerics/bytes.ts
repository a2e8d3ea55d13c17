import { InvalidArgumentError } from './InvalidArgumentError';

/** What a binary form holds; written as its second byte. */
export const BINARY_KINDS = {
  profile: 1,
  ddSketch: 2,
  kll: 3,
  hyperLogLog: 4,
  topValues: 5,
} as const;
export type BinaryKind = keyof typeof BINARY_KINDS;

const MAGIC = 0xd5;
const VERSION = 1;

/** Grows as it is written to. Numbers are little-endian; counts are variable-length integers. */
export interface ByteWriter {
  /** Integer from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  count(value: number): void;
  /** Any safe integer, its sign in the lowest bit. */
  integer(value: number): void;
  /** Any double, 8 bytes. */
  double(value: number): void;
  doubles(values: ArrayLike<number>): void;
  counts(values: ArrayLike<number>): void;
  /** UTF-8 with its length. */
  text(value: string): void;
  /** An optional double: a flag, then the value. */
  optional(value: number | undefined): void;
  /** The bytes so far. */
  finish(): Uint8Array;
}

/** A writer that has written the header: magic byte, kind, version. */
export function createByteWriter(kind: BinaryKind): ByteWriter {
  let bytes = new Uint8Array(256);
  let view = new DataView(bytes.buffer);
  let length = 0;
  const reserve = (more: number) => {
    if (length + more <= bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * bytes.length, length + more));
    grown.set(bytes);
    bytes = grown;
    view = new DataView(bytes.buffer);
  };
  const writer: ByteWriter = {
    count(value) {
      if (!(Number.isSafeInteger(value) && value >= 0)) {
        throw new InvalidArgumentError(
          `A count must be an integer of 0 or more, got ${value}`,
        );
      }
      reserve(8);
      let rest = value;
      while (rest >= 0x80) {
        bytes[length++] = rest % 0x80 | 0x80;
        rest = Math.floor(rest / 0x80);
      }
      bytes[length++] = rest;
    },
    integer(value) {
      writer.count(value < 0 ? -2 * value - 1 : 2 * value);
    },
    double(value) {
      reserve(8);
      view.setFloat64(length, value, true);
      length += 8;
    },
    doubles(values) {
      writer.count(values.length);
      for (let i = 0; i < values.length; i++) writer.double(values[i]);
    },
    counts(values) {
      writer.count(values.length);
      for (let i = 0; i < values.length; i++) writer.count(values[i]);
    },
    text(value) {
      const encoded = new TextEncoder().encode(value);
      writer.count(encoded.length);
      reserve(encoded.length);
      bytes.set(encoded, length);
      length += encoded.length;
    },
    optional(value) {
      writer.count(value === undefined ? 0 : 1);
      if (value !== undefined) writer.double(value);
    },
    finish: () => bytes.slice(0, length),
  };
  bytes[length++] = MAGIC;
  bytes[length++] = BINARY_KINDS[kind];
  bytes[length++] = VERSION;
  return writer;
}

/** Reads what a {@link ByteWriter} wrote, in the same order. Every method throws InvalidArgumentError at the end of the bytes. */
export interface ByteReader {
  count(): number;
  integer(): number;
  double(): number;
  doubles(): number[];
  counts(): number[];
  text(): string;
  optional(): number | undefined;
  /** Throws InvalidArgumentError unless everything was read. */
  end(): void;
}

/** A reader past the header. Throws InvalidArgumentError when the bytes are of another kind or a newer version. */
export function createByteReader(
  kind: BinaryKind,
  bytes: Uint8Array,
): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const need = (more: number) => {
    if (at + more > bytes.length) {
      throw new InvalidArgumentError(
        `The ${kind} is cut off: ${bytes.length} bytes, expected at least ${
          at + more
        }`,
      );
    }
  };
  const reader: ByteReader = {
    count() {
      let value = 0;
      let scale = 1;
      for (;;) {
        need(1);
        const byte = bytes[at++];
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
        scale *= 0x80;
      }
      if (!Number.isSafeInteger(value)) {
        throw new InvalidArgumentError(
          `The ${kind} holds a count beyond 2^53 before byte ${at}`,
        );
      }
      return value;
    },
    integer() {
      const value = reader.count();
      return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    },
    double() {
      need(8);
      at += 8;
      return view.getFloat64(at - 8, true);
    },
    doubles() {
      const size = reader.count();
      need(8 * size);
      return Array.from({ length: size }, () => reader.double());
    },
    counts() {
      const size = reader.count();
      need(size);
      return Array.from({ length: size }, () => reader.count());
    },
    text() {
      const size = reader.count();
      need(size);
      at += size;
      return new TextDecoder().decode(bytes.subarray(at - size, at));
    },
    optional: () => (reader.count() === 1 ? reader.double() : undefined),
    end() {
      if (at !== bytes.length) {
        throw new InvalidArgumentError(
          `The ${kind} has ${bytes.length - at} bytes too many`,
        );
      }
    },
  };
  need(3);
  if (bytes[0] !== MAGIC || bytes[1] !== BINARY_KINDS[kind]) {
    throw new InvalidArgumentError(
      `These bytes are not a ${kind}: they begin with ${bytes[0]}, ${bytes[1]}`,
    );
  }
  if (bytes[2] !== VERSION) {
    throw new InvalidArgumentError(
      `The ${kind} has format version ${bytes[2]}, expected ${VERSION}`,
    );
  }
  at = 3;
  return reader;
}
