import { DATATYPE_FACTS } from '../domain/datatypes';
import {
  rowLength,
  type BytesElement,
  type Tensor,
  type TensorData,
} from '../domain/tensor';

function copyInto(target: TensorData, source: TensorData, at: number): void {
  if (Array.isArray(target)) {
    // Both are of one datatype; the union of array types cannot say so.
    const elements = source as BytesElement[];
    for (let i = 0; i < elements.length; i++) target[at + i] = elements[i];
  } else {
    (target as Float32Array).set(source as Float32Array, at);
  }
}

/**
 * Stacks the inputs of several requests along the first dimension.
 *
 * @param requests - the inputs of each, in one order, equal but for their rows
 */
export function joinRows(requests: readonly (readonly Tensor[])[]): Tensor[] {
  const joined: Tensor[] = [];
  const model = requests[0];
  for (let t = 0; t < model.length; t++) {
    const { name, datatype, shape } = model[t];
    let rows = 0;
    for (let r = 0; r < requests.length; r++) rows += requests[r][t].shape[0];
    const data = DATATYPE_FACTS[datatype].create(rows * rowLength(shape));
    let at = 0;
    for (let r = 0; r < requests.length; r++) {
      const part = requests[r][t].data;
      copyInto(data, part, at);
      at += part.length;
    }
    joined.push({ name, datatype, shape: [rows, ...shape.slice(1)], data });
  }
  return joined;
}

/**
 * Gives each request its rows of the outputs back, as views where the datatype allows.
 *
 * @param rows - of each request, adding up to the outputs' first dimension
 * @throws Error when an output has another number of rows.
 */
export function splitRows(
  outputs: readonly Tensor[],
  rows: readonly number[],
): Tensor[][] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const parts: Tensor[][] = rows.map(() => []);
  for (const { name, datatype, shape, data } of outputs) {
    if (shape[0] !== total) {
      throw new Error(
        `output "${name}" has ${shape[0]} rows for ${total} rows of input`,
      );
    }
    const length = rowLength(shape);
    const inner = shape.slice(1);
    let at = 0;
    for (let r = 0; r < rows.length; r++) {
      const end = at + rows[r] * length;
      const part = Array.isArray(data)
        ? data.slice(at, end)
        : data.subarray(at, end);
      parts[r].push({ name, datatype, shape: [rows[r], ...inner], data: part });
      at = end;
    }
  }
  return parts;
}
