import { isUtf8 } from 'node:buffer';
import { DATATYPE_FACTS } from '../../domain/datatypes';
import { InferenceError } from '../../domain/InferenceError';
import {
  elementCount,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../../domain/tensor';
import { checkText } from './checkText';

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

function readStrings(blob: Buffer, count: number, spec: TensorSpec): string[] {
  const strings: string[] = [];
  let offset = 0;
  while (offset < blob.length) {
    const start = offset + LENGTH_BYTES;
    const length = start <= blob.length ? blob.readUInt32LE(offset) : 0;
    if (start > blob.length || start + length > blob.length) {
      throw wrongSize(
        spec,
        blob.length,
        `each element as its length (4 bytes, little-endian) and its bytes; element ${strings.length} is cut off`,
      );
    }
    const bytes = blob.subarray(start, start + length);
    if (!isUtf8(bytes)) {
      throw new InferenceError(
        'invalid',
        `input "${spec.name}": element ${strings.length} of the binary data is no UTF-8, which models take texts in: encode other bytes as text, such as base64`,
      );
    }
    const text = bytes.toString('utf8');
    checkText(text, strings.length, spec);
    strings.push(text);
    offset = start + length;
  }
  if (strings.length !== count) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": ${strings.length} elements in the binary data, expected ${count}`,
    );
  }
  return strings;
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
    return readStrings(blob, count, spec);
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
  const parts: Buffer[] = [];
  for (const text of data) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
