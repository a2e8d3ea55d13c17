import { isMarkedAsUntransferable } from 'node:worker_threads';
import { DATATYPE_FACTS, type NumericData } from '../../domain/datatypes';
import type { Tensor } from '../../domain/tensor';

/** Tensors for another thread, and the memory that moves there with them. */
export interface PackedTensors {
  tensors: Tensor[];
  moved: ArrayBuffer[];
}

/**
 * Packs tensors so that no more crosses than their own elements. Memory that nobody needs here any more moves;
 * a view of a larger piece is copied, since the whole piece would go with it.
 *
 * @param options.mayMove - whether the tensors are not looked at here afterwards
 */
export function packTensors(
  tensors: readonly Tensor[],
  { mayMove }: { mayMove: boolean },
): PackedTensors {
  const moved = new Set<ArrayBuffer>();
  const packed = tensors.map(tensor => {
    const { datatype, data } = tensor;
    if (Array.isArray(data)) return tensor;
    const whole = mayMove ? wholeBufferOf(data) : undefined;
    if (whole !== undefined && !moved.has(whole)) {
      moved.add(whole);
      return tensor;
    }
    const copy = DATATYPE_FACTS[datatype].create(data.length) as Float32Array;
    // Both are of one datatype; the union of array types cannot say so.
    copy.set(data as Float32Array);
    moved.add(copy.buffer as ArrayBuffer);
    return { ...tensor, data: copy };
  });
  return { tensors: packed, moved: [...moved] };
}

/** The memory behind the elements, where there is nothing else in it and it can move. */
function wholeBufferOf(data: NumericData): ArrayBuffer | undefined {
  const { buffer, byteLength } = data;
  return buffer instanceof ArrayBuffer &&
    buffer.byteLength === byteLength &&
    byteLength > 0 &&
    !isMarkedAsUntransferable(buffer)
    ? buffer
    : undefined;
}
