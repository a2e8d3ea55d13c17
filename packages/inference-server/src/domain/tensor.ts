import type { OnnxVariant } from '@greenroom/plugin-ai-inference-common';

export type Signature = OnnxVariant['signature'];
export type TensorSpec = Signature['inputs'][number];
export type Datatype = TensorSpec['datatype'];
export type ModelSchema = NonNullable<OnnxVariant['schema']>;

/** An element of a BYTES tensor: text where its bytes are UTF-8, which is exact both ways, else the bytes. */
export type BytesElement = string | Uint8Array;

/**
 * Elements of a tensor, row-major. FP16 and BF16 are carried as their bits, BOOL as 0
 * and 1.
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
  | BytesElement[];

/** One dimension of one input. */
export interface DimensionPlace {
  /** Position of the input in the signature. */
  input: number;
  /** Position of the dimension in the input's shape. */
  axis: number;
}

/** A free dimension that the model's file names: wherever the name is, the size is the same. */
export interface SharedDimension {
  name: string;
  places: readonly DimensionPlace[];
}

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

function hasFreeRows(spec: TensorSpec): boolean {
  return spec.shape.length > 0 && spec.shape[0] === -1;
}

/**
 * Whether the first dimension of all inputs and outputs may be rows of one kind, along
 * which requests can be stacked. Where the file names dimensions, its names decide: inputs
 * whose first dimensions have two names are not rows of one kind, nor is a name that
 * occurs in another place too.
 */
export function shareRows(
  { inputs, outputs }: Signature,
  dimensions: readonly SharedDimension[],
): boolean {
  const named = dimensions.filter(({ places }) =>
    places.some(({ axis }) => axis === 0),
  );
  return (
    inputs.length > 0 &&
    inputs.every(hasFreeRows) &&
    outputs.every(hasFreeRows) &&
    named.length < 2 &&
    named.every(({ places }) => places.every(({ axis }) => axis === 0))
  );
}
