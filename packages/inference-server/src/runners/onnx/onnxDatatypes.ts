import { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Datatype, Tensor, TensorData } from '../../domain/tensor';

/** onnxruntime's name of each datatype that it takes and gives. */
export const ONNX_TYPES = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Partial<Record<Datatype, OnnxTensor.Type>>;

function isOnnxType(datatype: Datatype): datatype is keyof typeof ONNX_TYPES {
  return Object.hasOwn(ONNX_TYPES, datatype);
}

/** @returns undefined for a datatype that models here neither take nor give */
export function onnxTypeOf(datatype: Datatype): OnnxTensor.Type | undefined {
  return isOnnxType(datatype) ? ONNX_TYPES[datatype] : undefined;
}

/** Wraps a tensor for onnxruntime, without a copy. */
export function toOnnxTensor({ datatype, data, shape }: Tensor): OnnxTensor {
  if (datatype === 'FP16') {
    // Where the platform has a `Float16Array`, the constructor insists on one, which the
    // native part then takes for empty. It reads the bits when only the type says float16.
    const bits = new OnnxTensor('uint16', data as Uint16Array, shape);
    return Object.defineProperty(bits as OnnxTensor, 'type', {
      value: ONNX_TYPES.FP16,
    });
  }
  const type = onnxTypeOf(datatype);
  if (type === undefined) throw new Error(`a run with ${datatype}`);
  // The constructor's overloads do not admit a type that is only known at run time.
  return new OnnxTensor(type, data as Float32Array, shape);
}

/**
 * Takes the elements out of an onnxruntime tensor. Where the platform has a
 * `Float16Array`, onnxruntime gives one; we carry the bits.
 */
export function fromOnnxData(
  data: OnnxTensor.DataType,
  datatype: Datatype,
): TensorData {
  if (datatype === 'FP16' && ArrayBuffer.isView(data)) {
    return new Uint16Array(
      data.buffer,
      data.byteOffset,
      data.byteLength / Uint16Array.BYTES_PER_ELEMENT,
    );
  }
  return data as TensorData;
}
