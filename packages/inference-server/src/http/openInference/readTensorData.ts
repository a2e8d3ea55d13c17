import { formatShape } from '../../domain/checkRequest';
import { isWellFormed } from '../../domain/bytesElements';
import { DATATYPE_FACTS, type NumericData } from '../../domain/datatypes';
import { InferenceError } from '../../domain/InferenceError';
import {
  elementCount,
  type BytesElement,
  type TensorData,
  type TensorSpec,
} from '../../domain/tensor';
import { show } from './show';

function describe(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return show(value);
}

function wrongElement(
  spec: TensorSpec,
  index: number,
  value: unknown,
  expected: string,
): InferenceError {
  return new InferenceError(
    'invalid',
    `input "${spec.name}": element ${index} of "data" is ${describe(
      value,
    )}, expected ${expected} (${spec.datatype})`,
  );
}

function fillFloats(
  out: NumericData,
  offset: number,
  values: unknown[],
  spec: TensorSpec,
  range: [number, number],
): void {
  const [lowest, highest] = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || number < lowest || number > highest) {
      throw wrongElement(
        spec,
        offset + i,
        value,
        value === null
          ? 'a finite number; NaN and infinities are sent as binary data'
          : 'a finite number',
      );
    }
    out[offset + i] = number;
  }
}

function fillIntegers(
  out: NumericData,
  offset: number,
  values: unknown[],
  spec: TensorSpec,
  range: [number, number],
): void {
  const [lowest, highest] = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (
      typeof value !== 'number' ||
      !Number.isInteger(value) ||
      value < lowest ||
      value > highest
    ) {
      throw wrongElement(
        spec,
        offset + i,
        value,
        `an integer from ${lowest} to ${highest}`,
      );
    }
    out[offset + i] = value;
  }
}

function fillBigIntegers(
  out: BigInt64Array | BigUint64Array,
  offset: number,
  values: unknown[],
  spec: TensorSpec,
  range: [bigint, bigint],
): void {
  const [lowest, highest] = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let exact: bigint | undefined;
    if (typeof value === 'bigint') exact = value;
    else if (Number.isSafeInteger(value)) exact = BigInt(value as number);
    if (exact === undefined || exact < lowest || exact > highest) {
      throw wrongElement(
        spec,
        offset + i,
        value,
        `an integer from ${lowest} to ${highest}`,
      );
    }
    out[offset + i] = exact;
  }
}

function fillBooleans(
  out: NumericData,
  offset: number,
  values: unknown[],
  spec: TensorSpec,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === true || value === 1) out[offset + i] = 1;
    else if (value === false || value === 0) out[offset + i] = 0;
    else throw wrongElement(spec, offset + i, value, 'true or false');
  }
}

function fillStrings(
  out: BytesElement[],
  offset: number,
  values: unknown[],
  spec: TensorSpec,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'string') {
      throw wrongElement(spec, offset + i, value, 'a string');
    }
    if (!isWellFormed(value)) {
      throw new InferenceError(
        'invalid',
        `input "${spec.name}": element ${
          offset + i
        } has half a surrogate pair, expected text without one (BYTES)`,
      );
    }
    out[offset + i] = value;
  }
}

function fill(
  out: TensorData,
  offset: number,
  values: unknown[],
  spec: TensorSpec,
): void {
  const { range, bigRange } = DATATYPE_FACTS[spec.datatype];
  if (Array.isArray(out)) {
    fillStrings(out, offset, values, spec);
  } else if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    if (bigRange) fillBigIntegers(out, offset, values, spec, bigRange);
  } else if (spec.datatype === 'FP32' || spec.datatype === 'FP64') {
    if (range) fillFloats(out, offset, values, spec, range);
  } else if (spec.datatype === 'BOOL') {
    fillBooleans(out, offset, values, spec);
  } else if (range) {
    fillIntegers(out, offset, values, spec, range);
  }
}

/** Checks the lengths of nested arrays before anything is allocated for them. */
function checkNesting(
  data: unknown,
  shape: readonly number[],
  depth: number,
  spec: TensorSpec,
): asserts data is unknown[] {
  if (!Array.isArray(data) || data.length !== shape[depth]) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": nested "data" has ${
        Array.isArray(data)
          ? `an array of ${data.length} at depth ${depth + 1}`
          : `${describe(data)} at depth ${depth + 1}`
      }, expected arrays of ${shape[depth]} there for shape ${formatShape(
        shape,
      )}; flat row-major data is accepted too`,
    );
  }
  if (depth === shape.length - 1) return;
  for (let i = 0; i < data.length; i++) {
    checkNesting(data[i], shape, depth + 1, spec);
  }
}

function fillNested(
  out: TensorData,
  data: unknown[],
  offset: number,
  depth: number,
  shape: readonly number[],
  spec: TensorSpec,
): number {
  if (depth === shape.length - 1) {
    fill(out, offset, data, spec);
    return offset + data.length;
  }
  let next = offset;
  for (let i = 0; i < data.length; i++) {
    next = fillNested(out, data[i] as unknown[], next, depth + 1, shape, spec);
  }
  return next;
}

/**
 * Reads the `data` of a JSON tensor, nested row by row or flat.
 *
 * @param spec - of the model's input, which the datatype and shape were checked against
 * @throws InferenceError `invalid`, naming the tensor, the place and what was expected.
 */
export function readTensorData(
  data: unknown,
  shape: readonly number[],
  spec: TensorSpec,
): TensorData {
  if (DATATYPE_FACTS[spec.datatype].bits) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": ${spec.datatype} cannot be written in JSON, expected binary data ("binary_data_size")`,
    );
  }
  if (!Array.isArray(data)) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": "data" is ${
        data === undefined ? 'missing' : describe(data)
      }, expected an array of values`,
    );
  }
  const count = elementCount(shape);
  if (shape.length > 1 && Array.isArray(data[0])) {
    checkNesting(data, shape, 0, spec);
    const out = DATATYPE_FACTS[spec.datatype].create(count);
    fillNested(out, data, 0, 0, shape, spec);
    return out;
  }
  if (data.length !== count) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": ${
        data.length
      } values in "data", expected ${count} for shape ${formatShape(shape)}`,
    );
  }
  const out = DATATYPE_FACTS[spec.datatype].create(count);
  fill(out, 0, data, spec);
  return out;
}
