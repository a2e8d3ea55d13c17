import { fromBfloat16, toBfloat16 } from './bfloat16';
import { fromHalf } from './fromHalf';
import type { BytesElement, Datatype, TensorData } from './tensor';
import { toHalf } from './toHalf';

export type NumericData = Exclude<TensorData, BytesElement[]>;

interface DatatypeFacts {
  /** How values are written in JSON and checked. */
  kind: 'boolean' | 'integer' | 'bigint' | 'float' | 'half' | 'string';
  /** Size of an element in binary form; undefined for BYTES, whose elements say their own. */
  bytes?: number;
  /** Lowest and highest value of an integer, or of a finite float. */
  range?: [number, number];
  /** Lowest and highest value of a 64-bit integer. */
  bigRange?: [bigint, bigint];
  /** Set where elements are carried as bits: what number those are. */
  bits?: { toNumber(bits: number): number; fromNumber(value: number): number };
  create(length: number): TensorData;
  /** A view of little-endian bytes; the offset is a multiple of the element's size. */
  view?(buffer: ArrayBufferLike, offset: number, length: number): NumericData;
}

/** Largest double that is rounded to a finite FP32 value. */
const FP32_MAX = 3.4028235677973362e38;

/** Facts about each datatype of the Open Inference Protocol. */
export const DATATYPE_FACTS: Record<Datatype, DatatypeFacts> = {
  BOOL: {
    kind: 'boolean',
    bytes: 1,
    create: length => new Uint8Array(length),
    view: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  },
  UINT8: {
    kind: 'integer',
    bytes: 1,
    range: [0, 255],
    create: length => new Uint8Array(length),
    view: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  },
  UINT16: {
    kind: 'integer',
    bytes: 2,
    range: [0, 65535],
    create: length => new Uint16Array(length),
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
  UINT32: {
    kind: 'integer',
    bytes: 4,
    range: [0, 4294967295],
    create: length => new Uint32Array(length),
    view: (buffer, offset, length) => new Uint32Array(buffer, offset, length),
  },
  UINT64: {
    kind: 'bigint',
    bytes: 8,
    bigRange: [0n, 2n ** 64n - 1n],
    create: length => new BigUint64Array(length),
    view: (buffer, offset, length) =>
      new BigUint64Array(buffer, offset, length),
  },
  INT8: {
    kind: 'integer',
    bytes: 1,
    range: [-128, 127],
    create: length => new Int8Array(length),
    view: (buffer, offset, length) => new Int8Array(buffer, offset, length),
  },
  INT16: {
    kind: 'integer',
    bytes: 2,
    range: [-32768, 32767],
    create: length => new Int16Array(length),
    view: (buffer, offset, length) => new Int16Array(buffer, offset, length),
  },
  INT32: {
    kind: 'integer',
    bytes: 4,
    range: [-2147483648, 2147483647],
    create: length => new Int32Array(length),
    view: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  },
  INT64: {
    kind: 'bigint',
    bytes: 8,
    bigRange: [-(2n ** 63n), 2n ** 63n - 1n],
    create: length => new BigInt64Array(length),
    view: (buffer, offset, length) => new BigInt64Array(buffer, offset, length),
  },
  FP16: {
    kind: 'half',
    bytes: 2,
    bits: { toNumber: fromHalf, fromNumber: toHalf },
    create: length => new Uint16Array(length),
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
  BF16: {
    kind: 'half',
    bytes: 2,
    bits: { toNumber: fromBfloat16, fromNumber: toBfloat16 },
    create: length => new Uint16Array(length),
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
  FP32: {
    kind: 'float',
    bytes: 4,
    range: [-FP32_MAX, FP32_MAX],
    create: length => new Float32Array(length),
    view: (buffer, offset, length) => new Float32Array(buffer, offset, length),
  },
  FP64: {
    kind: 'float',
    bytes: 8,
    range: [-Number.MAX_VALUE, Number.MAX_VALUE],
    create: length => new Float64Array(length),
    view: (buffer, offset, length) => new Float64Array(buffer, offset, length),
  },
  BYTES: {
    kind: 'string',
    create: length => new Array<BytesElement>(length).fill(''),
  },
};

/** An element of a tensor of numbers as a number, whatever its datatype is. */
export function toNumber(value: number | bigint, datatype: Datatype): number {
  const number = Number(value);
  return DATATYPE_FACTS[datatype].bits?.toNumber(number) ?? number;
}
