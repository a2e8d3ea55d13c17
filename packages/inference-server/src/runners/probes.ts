import { DATATYPE_FACTS } from '../domain/datatypes';
import {
  elementCount,
  type Signature,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../domain/tensor';

/**
 * How wild made-up values are: models refuse some, such as numbers that are no index of
 * their vocabulary. From what tells most about a model to what nearly every model takes.
 */
export const VALUE_RANGES = ['wide', 'small', 'bits'] as const;
export type ValueRange = (typeof VALUE_RANGES)[number];

/**
 * Rows differ in everything that a model could compute over a batch: lowest and highest
 * value, mean, sum, scale, and the order of their values.
 */
const ROWS = [
  { scale: 1, offset: 0 },
  { scale: 30, offset: -7 },
  { scale: 0.05, offset: 0.4 },
  { scale: 500, offset: 90 },
];
/** Made-up rows that there are. */
export const PROBE_ROWS = ROWS.length;

/** Uniform in [0, 1), always the same for the same numbers (a finaliser of MurmurHash3). */
function noise(row: number, index: number): number {
  let h = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

function realValue(row: number, index: number, range: ValueRange): number {
  const value = noise(row, index);
  if (range === 'bits') return value < 0.5 ? 0 : 1;
  if (range === 'small') return value;
  const { scale, offset } = ROWS[row];
  return offset + scale * (2 * value - 1);
}

function wholeValue(row: number, index: number, range: ValueRange): number {
  const value = noise(row, index);
  if (range === 'bits') return value < 0.5 ? 0 : 1;
  return Math.floor(value * (range === 'small' ? 4 : 10 * (row + 1)));
}

const HALF_ONE = 0x3c00;
/** Bits of a half-precision number between 1 and 2, or of 0 and 1. */
function halfBits(row: number, index: number, range: ValueRange): number {
  const value = noise(row, index);
  if (range === 'bits') return value < 0.5 ? 0 : HALF_ONE;
  const exponent = range === 'wide' ? row - 1 : 0;
  return HALF_ONE + exponent * 0x400 + Math.floor(value * 0x400);
}

function setValue(
  data: TensorData,
  at: number,
  spec: TensorSpec,
  place: { row: number; index: number; range: ValueRange },
): void {
  const { row, index, range } = place;
  if (Array.isArray(data)) data[at] = String(wholeValue(row, index, range));
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    data[at] = BigInt(wholeValue(row, index, range));
  } else if (spec.datatype === 'FP16') data[at] = halfBits(row, index, range);
  else if (spec.datatype === 'FP32' || spec.datatype === 'FP64') {
    data[at] = realValue(row, index, range);
  } else {
    const limit = spec.datatype === 'BOOL' ? 'bits' : range;
    data[at] = wholeValue(row, index, limit);
  }
}

/**
 * Made-up inputs.
 *
 * @param rows - which of the made-up rows, in this order, along the first dimension
 * @param innerSize - of the free dimensions that are not the first
 */
export function makeInputs(
  signature: Signature,
  options: { rows: readonly number[]; innerSize: number; range: ValueRange },
): Tensor[] {
  const { rows, innerSize, range } = options;
  return signature.inputs.map(spec => {
    const shape = spec.shape.map((size, axis) => {
      if (size !== -1) return size;
      return axis === 0 ? rows.length : innerSize;
    });
    const data = DATATYPE_FACTS[spec.datatype].create(elementCount(shape));
    const stacked = spec.shape[0] === -1;
    const length = stacked ? data.length / rows.length : data.length;
    for (let at = 0; at < data.length; at++) {
      const row = stacked ? rows[Math.floor(at / length)] : rows[0];
      setValue(data, at, spec, { row, index: at % length, range });
    }
    return { name: spec.name, datatype: spec.datatype, shape, data };
  });
}
