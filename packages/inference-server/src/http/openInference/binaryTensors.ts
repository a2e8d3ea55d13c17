import { bytesOfElement, elementOfBytes } from '../../domain/bytesElements';
import { DATATYPE_FACTS } from '../../domain/datatypes';
import { InferenceError } from '../../domain/InferenceError';
import {
  elementCount,
  type BytesElement,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../../domain/tensor';

/** Little-endian length in front of each element of a BYTES tensor. */
const LENGTH_BYTES = 4;

function wrongSize(
  spec: TensorSpec,
  found: number,
  expected: string,
): InferenceError {
  return new InferenceError(
    'invalid',
    `input "${spec.name}": ${found} bytes of binary data, expected ${expected}`,
  );
}

function readElements(
  blob: Buffer,
  count: number,
  spec: TensorSpec,
): BytesElement[] {
  const elements: BytesElement[] = [];
  let offset = 0;
  while (offset < blob.length) {
    const start = offset + LENGTH_BYTES;
    const length = start <= blob.length ? blob.readUInt32LE(offset) : 0;
    if (start > blob.length || start + length > blob.length) {
      throw wrongSize(
        spec,
        blob.length,
        `each element as its length (4 bytes, little-endian) and its bytes; element ${elements.length} is cut off`,
      );
    }
    elements.push(elementOfBytes(blob.subarray(start, start + length)));
    offset = start + length;
  }
  if (elements.length !== count) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": ${elements.length} elements in the binary data, expected ${count}`,
    );
  }
  return elements;
}

/**
 * Reads a tensor of the binary data extension: little-endian, row-major, without padding.
 *
 * @throws InferenceError `invalid` when the number of bytes does not fit the shape.
 */
export function readBinaryTensor(
  blob: Buffer,
  shape: readonly number[],
  spec: TensorSpec,
): TensorData {
  const count = elementCount(shape);
  const { bytes, view } = DATATYPE_FACTS[spec.datatype];
  if (bytes === undefined || view === undefined) {
    return readElements(blob, count, spec);
  }
  if (blob.length !== count * bytes) {
    throw wrongSize(
      spec,
      blob.length,
      `${count * bytes} (${count} x ${spec.datatype})`,
    );
  }
  if (spec.datatype === 'BOOL') {
    for (let i = 0; i < blob.length; i++) {
      if (blob[i] > 1) {
        throw new InferenceError(
          'invalid',
          `input "${spec.name}": element ${i} of the binary data is ${blob[i]}, expected 0 or 1 (BOOL)`,
        );
      }
    }
  }
  if (blob.byteOffset % bytes === 0) {
    return view(blob.buffer, blob.byteOffset, count);
  }
  const aligned = new Uint8Array(blob);
  return view(aligned.buffer, 0, count);
}

/** The bytes of a tensor in the form that {@link readBinaryTensor} reads. */
export function toBinary(tensor: Tensor): Buffer {
  const { data } = tensor;
  if (!Array.isArray(data)) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }
  const parts: Uint8Array[] = [];
  for (const element of data) {
    const bytes = bytesOfElement(element);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
