import { DATATYPE_FACTS } from '../domain/datatypes';
import type { ModelRunner } from '../domain/ModelRunner';
import {
  elementCount,
  type Signature,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../domain/tensor';
import { errorMessage } from '../errors';

/** How far outputs may differ when rows are computed together, relative to their size. */
const TOLERANCE = 1e-3;

export interface WarmUpResult {
  /** Whether rows of several requests may be computed together. */
  batchable: boolean;
  /** Why not; undefined when batchable. */
  reason?: string;
}

/**
 * Runs a freshly loaded model, so that its first caller does not pay for it, and finds out
 * whether its rows are independent. A free first dimension alone does not say so: it may
 * be a sequence, or the model may look at all rows at once.
 */
export async function warmUp(runner: ModelRunner): Promise<WarmUpResult> {
  const { signature } = runner;
  const first = makeInputs(signature, 1, 0);
  let alone: Tensor[][];
  try {
    alone = [
      await runner.run({ inputs: first, rows: 1 }),
      await runner.run({ inputs: makeInputs(signature, 1, 1), rows: 1 }),
    ];
  } catch (error) {
    return {
      batchable: false,
      reason: `it refuses made-up values: ${errorMessage(error)}`,
    };
  }
  if (!runner.rowWise) {
    return { batchable: false, reason: 'its first dimension is not free' };
  }
  try {
    const inputs = makeInputs(signature, 2, 0);
    const together = await runner.run({ inputs, rows: 2 });
    const independent = together.every((output, i) =>
      rowsMatch(output, [alone[0][i], alone[1][i]]),
    );
    return independent
      ? { batchable: true }
      : { batchable: false, reason: 'its rows influence each other' };
  } catch (error) {
    return {
      batchable: false,
      reason: `it refuses two rows: ${errorMessage(error)}`,
    };
  }
}

/** Inputs whose row `r` is the made-up row `firstRow + r`. */
function makeInputs(
  signature: Signature,
  rows: number,
  firstRow: number,
): Tensor[] {
  return signature.inputs.map(spec => {
    const shape = spec.shape.map((size, i) => {
      if (size !== -1) return size;
      return i === 0 ? rows : 1;
    });
    const data = DATATYPE_FACTS[spec.datatype].create(elementCount(shape));
    const length = data.length / rows;
    for (let i = 0; i < data.length; i++) {
      const row = firstRow + Math.floor(i / length);
      setValue(data, i, spec, ((i % length) + row) % 2);
    }
    return { name: spec.name, datatype: spec.datatype, shape, data };
  });
}

/** @param bit - 0 or 1, which are good values of every datatype */
function setValue(
  data: TensorData,
  index: number,
  spec: TensorSpec,
  bit: number,
): void {
  if (Array.isArray(data)) data[index] = String(bit);
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    data[index] = BigInt(bit);
  } else if (spec.datatype === 'FP16') {
    data[index] = bit === 1 ? 0x3c00 : 0;
  } else data[index] = bit;
}

function rowsMatch(together: Tensor, alone: readonly Tensor[]): boolean {
  if (together.shape[0] !== alone.length) return false;
  const length = together.data.length / alone.length;
  return alone.every(
    (row, r) =>
      row.data.length === length &&
      Array.from({ length }, (_, i) => i).every(i =>
        isClose(row.data[i], together.data[r * length + i], row.datatype),
      ),
  );
}

function isClose(
  a: number | bigint | string,
  b: number | bigint | string,
  datatype: Tensor['datatype'],
): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'number' || typeof b !== 'number') return false;
  if (datatype !== 'FP32' && datatype !== 'FP64') return false;
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}
