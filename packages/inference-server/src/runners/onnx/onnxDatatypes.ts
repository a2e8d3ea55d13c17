import type { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Datatype, TensorData } from '../../domain/tensor';

/** onnxruntime's name of each datatype. */
export const ONNX_TYPES: Record<Datatype, OnnxTensor.Type> = {
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
};

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
