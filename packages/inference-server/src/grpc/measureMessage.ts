import { Type, types, type Field } from 'protobufjs';
import { InferenceError } from '../domain/InferenceError';

/** A message takes that many times as long to read, and as much memory, as a number. */
const VALUES_PER_MESSAGE = 4;
/** Of an entry of a map, which is a message with a key and a value. */
const ENTRY_VALUE = 2;
const CONTINUES = 0x80;
/** Longer ones are no number of 64 bits. */
const MOST_VARINT_BYTES = 10;
const FIELD_SHIFT = 8;

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
/** How the numbers of a list are written in one piece, by the name of their type. */
const PACKED: Record<string, number | undefined> = types.packed;
/** Bytes of what has a fixed width. */
const WIDTHS: Record<number, number | undefined> = { 1: 8, 5: 4 };

/** What a message may hold, by the number of the field; undefined for what is skipped. */
type Fields = (id: number) => Field | Type | undefined;

function fieldsOf(type: Type): Fields {
  return id => type.fieldsById[id];
}

class Measuring {
  readonly #bytes: Uint8Array;
  readonly #maxValues: number;
  #at = 0;
  values = 0;

  constructor(bytes: Uint8Array, maxValues: number) {
    this.#bytes = bytes;
    this.#maxValues = maxValues;
  }

  measure(fields: Fields, end: number): void {
    while (this.#at < end) {
      const tag = this.#readVarint();
      const wire = tag % FIELD_SHIFT;
      if (wire === WIRE_BYTES) {
        const until = this.#readVarint() + this.#at;
        if (until > end) throw noMessage(this.#at);
        this.#measureBytes(fields(Math.floor(tag / FIELD_SHIFT)), until);
        this.#at = until;
        continue;
      }
      const width = WIDTHS[wire];
      if (width !== undefined) this.#at += width;
      else if (wire === WIRE_VARINT) this.#readVarint();
      else throw noMessage(this.#at);
      this.#count(1);
    }
  }

  #measureBytes(field: Field | Type | undefined, until: number): void {
    const inner = field instanceof Type ? field : field?.resolve().resolvedType;
    if (field && 'map' in field && field.map) {
      this.#count(VALUES_PER_MESSAGE);
      const value = inner instanceof Type ? inner : undefined;
      this.measure(id => (id === ENTRY_VALUE ? value : undefined), until);
    } else if (inner instanceof Type) {
      this.#count(VALUES_PER_MESSAGE);
      this.measure(fieldsOf(inner), until);
    } else {
      const packed =
        field && 'repeated' in field && field.repeated
          ? PACKED[field.type]
          : undefined;
      if (packed === undefined) this.#count(1);
      else this.#countPacked(packed, until);
    }
  }

  #countPacked(wire: number, until: number): void {
    const width = WIDTHS[wire];
    if (width !== undefined) {
      this.#count((until - this.#at) / width);
      return;
    }
    let ends = 0;
    for (let i = this.#at; i < until; i++) {
      if (this.#bytes[i] < CONTINUES) ends++;
    }
    this.#count(ends);
  }

  #count(values: number): void {
    this.values += values;
    if (this.values <= this.#maxValues) return;
    throw new InferenceError(
      'too-large',
      `the message has more than ${
        this.#maxValues
      } values (a message within it counts as ${VALUES_PER_MESSAGE}), the most that this server takes: send tensors in raw_input_contents`,
    );
  }

  #readVarint(): number {
    let value = 0;
    for (let i = 0; i < MOST_VARINT_BYTES; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte % CONTINUES) * CONTINUES ** i;
      if (byte < CONTINUES) return value;
    }
    throw noMessage(this.#at);
  }
}

/**
 * Counts what a message would cost to read, without reading it: nothing else is answered while that
 * is done, and an empty entry of two bytes becomes an object of hundreds. Raw contents count once
 * each, however long.
 *
 * @throws InferenceError `too-large` beyond `maxValues`, or `invalid` where it is no message.
 */
export function measureMessage(
  bytes: Uint8Array,
  type: Type,
  maxValues: number,
): number {
  const measuring = new Measuring(bytes, maxValues);
  measuring.measure(fieldsOf(type), bytes.length);
  return measuring.values;
}

function noMessage(at: number): InferenceError {
  return new InferenceError(
    'invalid',
    `the message is not valid protobuf at byte ${at}`,
  );
}
