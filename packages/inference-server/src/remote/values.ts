import { formatShape } from '../domain/checkRequest';
import { findRawBytes, isWellFormed } from '../domain/bytesElements';
import { DATATYPE_FACTS } from '../domain/datatypes';
import { InferenceError } from '../domain/InferenceError';
import {
  elementCount,
  type Datatype,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../domain/tensor';
import { ProviderError } from '../providers/ProviderError';

/** Text that `JSON.stringify` writes as it is (ECMAScript 2026). */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * The elements of a tensor as `JSON.stringify` writes them exactly: integers of 64 bits with all
 * their digits, and a zero with its sign.
 *
 * @throws InferenceError `invalid` for numbers and bytes that JSON does not have
 */
export function valuesOf({ name, datatype, data }: Tensor): unknown[] {
  if (Array.isArray(data)) {
    const raw = findRawBytes(data);
    if (raw < 0) return data;
    throw new InferenceError(
      'invalid',
      `input "${name}": element ${raw} is bytes that are no UTF-8, for which JSON has no text, and the endpoint takes JSON: encode them as text that the model reads, such as base64`,
    );
  }
  if (DATATYPE_FACTS[datatype].bits) throw noHalf(`input "${name}"`, datatype);
  return Array.from<number | bigint, unknown>(
    data as ArrayLike<number | bigint>,
    (value, index) => {
      if (datatype === 'BOOL') return value !== 0;
      if (typeof value === 'bigint') return rawJSON(String(value));
      if (Object.is(value, -0)) return rawJSON('-0.0');
      if (Number.isFinite(value)) return value;
      throw new InferenceError(
        'invalid',
        `input "${name}": element ${index} is ${value}, for which JSON has no number, and the endpoint takes JSON`,
      );
    },
  );
}

/** Elements, row-major, in arrays nested by a shape; the only one as it is for a scalar's. */
export function nest(
  values: readonly unknown[],
  shape: readonly number[],
): unknown {
  if (shape.length === 0) return values[0];
  const [size, ...inner] = shape;
  const length = elementCount(inner);
  return Array.from({ length: size }, (_, index) =>
    nest(values.slice(index * length, (index + 1) * length), inner),
  );
}

/**
 * A tensor out of nested arrays, whose sizes must be the same everywhere.
 *
 * @throws ProviderError when it is not what the signature says
 */
export function tensorOf(nested: unknown, spec: TensorSpec): Tensor {
  const shape: number[] = [];
  // No deeper than it may be, and one more to tell: a service could nest without end.
  for (
    let at = nested;
    Array.isArray(at) && shape.length <= spec.shape.length;
    at = at[0]
  ) {
    shape.push(at.length);
  }
  if (shape.length > spec.shape.length) {
    throw odd(
      spec,
      `has more than the ${spec.shape.length} dimensions that the version says`,
    );
  }
  const flat: unknown[] = [];
  flatten(nested, shape, 0, flat, spec);
  return readTensor({ shape, values: flat }, spec);
}

/** @throws ProviderError when it is not what the signature says */
export function readTensor(
  { shape, values }: { shape: readonly number[]; values: readonly unknown[] },
  spec: TensorSpec,
): Tensor {
  const { name, datatype } = spec;
  checkShape(shape, spec);
  if (values.length !== elementCount(shape)) {
    throw odd(
      spec,
      `has ${values.length} values for the shape ${formatShape(shape)}`,
    );
  }
  const data = DATATYPE_FACTS[datatype].create(values.length);
  values.forEach((value, index) => {
    const element = elementOf(value, spec);
    if (element === undefined) {
      throw odd(spec, `has an element ${index} that is no ${datatype}`);
    }
    (data as { [index: number]: TensorData[number] })[index] = element;
  });
  return { name, datatype, shape, data };
}

/** @throws ProviderError when it is not what the signature says */
export function checkShape(shape: readonly number[], spec: TensorSpec): void {
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((size, axis) => size === -1 || size === shape[axis]);
  if (fits) return;
  throw odd(
    spec,
    `has the shape ${formatShape(shape)}, the version says ${formatShape(
      spec.shape,
    )}`,
  );
}

/** @throws ProviderError when it is not what the signature says */
export function checkDatatype(datatype: string, spec: TensorSpec): void {
  if (datatype === spec.datatype) return;
  throw new ProviderError(
    `output "${spec.name}" of its answer is ${datatype}, the version says ${spec.datatype}`,
    { status: 502 },
  );
}

/** Nobody's fault who calls: what is behind the connection takes JSON alone. */
export function noHalf(what: string, datatype: Datatype): InferenceError {
  return new InferenceError(
    'bad-gateway',
    `${what} is ${datatype}, for which JSON has no form, and the endpoint takes JSON alone: it needs a server that takes binary tensors, or gRPC`,
  );
}

function flatten(
  value: unknown,
  shape: readonly number[],
  depth: number,
  into: unknown[],
  spec: TensorSpec,
): void {
  if (depth === shape.length && !Array.isArray(value)) {
    into.push(value);
    return;
  }
  if (!Array.isArray(value) || value.length !== shape[depth]) {
    throw odd(spec, 'has rows of several lengths');
  }
  for (const one of value) flatten(one, shape, depth + 1, into, spec);
}

/** @returns undefined for what the datatype cannot hold exactly, or as near as it holds any number */
function elementOf(
  value: unknown,
  { datatype }: TensorSpec,
): TensorData[number] | undefined {
  const { kind, range, bigRange } = DATATYPE_FACTS[datatype];
  if (kind === 'string') {
    if (value instanceof Uint8Array) return value;
    return typeof value === 'string' && isWellFormed(value) ? value : undefined;
  }
  if (kind === 'boolean') {
    if (value === true || value === 1) return 1;
    return value === false || value === 0 ? 0 : undefined;
  }
  if (bigRange) {
    let exact: bigint | undefined;
    if (typeof value === 'bigint') exact = value;
    else if (Number.isSafeInteger(value)) exact = BigInt(value as number);
    return exact !== undefined && exact >= bigRange[0] && exact <= bigRange[1]
      ? exact
      : undefined;
  }
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !range) return undefined;
  if (number < range[0] || number > range[1]) return undefined;
  return kind === 'integer' && !Number.isInteger(number) ? undefined : number;
}

export function odd({ name }: TensorSpec, what: string): ProviderError {
  return new ProviderError(`output "${name}" of its answer ${what}`, {
    status: 502,
  });
}
