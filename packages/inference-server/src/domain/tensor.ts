import type { Variant } from '@greenroom/plugin-ai-inference-common';

export type Signature = Variant['signature'];
export type TensorSpec = Signature['inputs'][number];
export type Datatype = TensorSpec['datatype'];
export type ModelSchema = NonNullable<Variant['schema']>;

/**
 * Elements of a tensor, row-major. FP16 is carried as its bits, BOOL as 0 and 1,
 * BYTES as strings.
 */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | string[];

export interface Tensor {
  name: string;
  datatype: Datatype;
  /** Sizes of the dimensions; none is free. */
  shape: readonly number[];
  /** As many elements as the shape's product. */
  data: TensorData;
}

/** Number of elements in a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) count *= shape[i];
  return count;
}

/** Number of elements in one row: the product of all dimensions but the first. */
export function rowLength(shape: readonly number[]): number {
  let count = 1;
  for (let i = 1; i < shape.length; i++) count *= shape[i];
  return count;
}

/** Whether the first dimension is free, so that requests may be stacked along it. */
export function hasFreeRows(spec: TensorSpec): boolean {
  return spec.shape.length > 0 && spec.shape[0] === -1;
}
