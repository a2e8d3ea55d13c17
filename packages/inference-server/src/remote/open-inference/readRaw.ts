import { elementOfBytes } from '../../domain/bytesElements';
import { DATATYPE_FACTS } from '../../domain/datatypes';
import {
  elementCount,
  type BytesElement,
  type Tensor,
  type TensorSpec,
} from '../../domain/tensor';
import { checkShape, odd } from '../values';

/** Little-endian length in front of each element of a BYTES tensor. */
const LENGTH_BYTES = 4;

/**
 * A tensor of an answer out of its bytes: little-endian, row-major, without padding.
 *
 * @throws ProviderError when it is not what the signature says
 */
export function readRaw(
  bytes: Uint8Array,
  shape: readonly number[],
  spec: TensorSpec,
): Tensor {
  checkShape(shape, spec);
  const { name, datatype } = spec;
  const count = elementCount(shape);
  const { bytes: size, view } = DATATYPE_FACTS[datatype];
  if (size === undefined || view === undefined) {
    return { name, datatype, shape, data: readElements(bytes, count, spec) };
  }
  if (bytes.length !== count * size) {
    throw odd(
      spec,
      `has ${bytes.length} bytes, expected ${
        count * size
      } (${count} x ${datatype})`,
    );
  }
  if (datatype === 'BOOL' && bytes.some(one => one > 1)) {
    throw odd(spec, 'has a byte that is neither 0 nor 1 (BOOL)');
  }
  // What came besides is not kept in memory for as long as the tensor is, and it begins where it has to.
  const own = new Uint8Array(bytes);
  return { name, datatype, shape, data: view(own.buffer, 0, count) };
}

function readElements(
  bytes: Uint8Array,
  count: number,
  spec: TensorSpec,
): BytesElement[] {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: BytesElement[] = [];
  for (let offset = 0; offset < blob.length; ) {
    const start = offset + LENGTH_BYTES;
    const end =
      start <= blob.length ? start + blob.readUInt32LE(offset) : Infinity;
    if (end > blob.length) {
      throw odd(spec, `has an element ${elements.length} that is cut off`);
    }
    elements.push(elementOfBytes(blob.subarray(start, end)));
    offset = end;
  }
  if (elements.length !== count) {
    throw odd(spec, `has ${elements.length} elements, expected ${count}`);
  }
  return elements;
}
