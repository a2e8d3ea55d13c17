import { RefusedInputError } from '../domain/InferenceError';
import type { ModelRunner } from '../domain/ModelRunner';
import { elementCount, type Tensor } from '../domain/tensor';
import { errorMessage } from '../errors';
import { sameRows } from './compareRows';
import {
  makeInputs,
  PROBE_ROWS,
  VALUE_RANGES,
  type ValueRange,
} from './probes';

/** Sizes that are tried for free dimensions other than the first: some models need a few. */
const INNER_SIZES = [1, 8, 64, 512];
/** Two that no fixed size fits. */
const SEQUENCE_LENGTHS = [64, 65];
/** Beyond it a made-up input is no small trial any more. */
const MAX_PROBE_ELEMENTS = 4_000_000;

/** Which made-up values a model takes. */
export interface MadeUpValues {
  /** Of the free dimensions that are not the first. */
  innerSize: number;
  range: ValueRange;
}

export interface WarmUpResult {
  /** Whether rows of several requests may be computed together. */
  batchable: boolean;
  /** Why not; undefined when batchable. */
  reason?: string;
  /**
   * Set when the model refuses sizes that its signature allows, whatever the values: it
   * cannot be what its signature says.
   */
  refusal?: string;
  /** Set when rows that were computed together came out differently. */
  influence?: true;
  /** Undefined where it takes none. */
  values?: MadeUpValues;
}

/** A made-up row that the model took, alone. */
interface Foothold extends MadeUpValues {
  outputs: Tensor[];
}

/**
 * Runs a freshly loaded model, so that its first caller does not pay for it, and finds out
 * whether requests may be computed together. A free first dimension alone does not say so:
 * it may be a sequence, or the model may look at all rows at once. Neither do a few runs
 * that agree; they count only where nothing in the model's graph speaks against it.
 *
 * @param doubt - what in the graph speaks against it; undefined when nothing does
 */
export async function warmUp(
  runner: ModelRunner,
  doubt: string | undefined,
): Promise<WarmUpResult> {
  const foothold = await findFoothold(runner);
  if (foothold instanceof Error) {
    const refusal = (await takesSequences(runner))
      ? undefined
      : refusalOf(runner, foothold);
    return {
      batchable: false,
      reason: `it refuses made-up values: ${foothold.message}`,
      ...(refusal && { refusal }),
    };
  }
  const { innerSize, range } = foothold;
  return {
    ...(await tryTogether(runner, doubt, foothold)),
    values: { innerSize, range },
  };
}

async function tryTogether(
  runner: ModelRunner,
  doubt: string | undefined,
  foothold: Foothold,
): Promise<WarmUpResult> {
  const free = runner.signature.inputs.every(({ shape }) => shape[0] === -1);
  if (!free) {
    return { batchable: false, reason: 'its first dimension is not free' };
  }
  const [first, last] = [0, PROBE_ROWS - 1];
  const pair = await tryRows(runner, foothold, [last, first]);
  if (pair instanceof Error) {
    const byShape =
      pair instanceof RefusedInputError && pair.reason === 'shape';
    return {
      batchable: false,
      reason: `it refuses two rows: ${pair.message}`,
      ...(byShape && {
        refusal: `its first dimension is free, but the model refuses two rows (${pair.message}): export it with a dynamic first dimension all through (dynamic_shapes or dynamic_axes of torch.onnx.export), or declare the size that it takes`,
      }),
    };
  }
  if (!runner.rowWise) {
    return {
      batchable: false,
      reason: 'its inputs and outputs do not share their first dimension',
    };
  }
  if (doubt !== undefined) return { batchable: false, reason: doubt };
  return (await rowsAreIndependent(runner, foothold, pair))
    ? { batchable: true }
    : {
        batchable: false,
        reason: 'its rows influence each other',
        influence: true,
      };
}

async function rowsAreIndependent(
  runner: ModelRunner,
  foothold: Foothold,
  pair: readonly Tensor[],
): Promise<boolean> {
  const order = Array.from({ length: PROBE_ROWS }, (_, row) => row);
  const alone: Tensor[][] = [foothold.outputs];
  for (const row of order.slice(1)) {
    const outputs = await tryRows(runner, foothold, [row]);
    if (outputs instanceof Error) return false;
    alone.push(outputs);
  }
  const all = await tryRows(runner, foothold, order);
  if (all instanceof Error) return false;
  const agree = (together: readonly Tensor[], rows: readonly number[]) =>
    together.every((output, i) =>
      sameRows(
        output,
        rows.map(row => alone[row][i]),
      ),
    );
  return agree(all, order) && agree(pair, [PROBE_ROWS - 1, 0]);
}

async function tryRows(
  runner: ModelRunner,
  { innerSize, range }: MadeUpValues,
  rows: readonly number[],
): Promise<Tensor[] | Error> {
  const inputs = makeInputs(runner.signature, { rows, innerSize, range });
  try {
    return await runner.run({ inputs, rows: rows.length });
  } catch (error) {
    return error instanceof Error ? error : new Error(errorMessage(error));
  }
}

/** Looks for a made-up row that the model takes. @returns the first error when it takes none. */
export async function findFoothold(
  runner: ModelRunner,
): Promise<Foothold | Error> {
  const { inputs } = runner.signature;
  const inner = inputs.some(({ shape }) => shape.slice(1).includes(-1));
  let first: Error | undefined;
  for (const innerSize of inner ? INNER_SIZES : [1]) {
    const largest = Math.max(
      ...inputs.map(({ shape }) =>
        elementCount(
          shape.map((size, axis) => {
            if (size !== -1) return size;
            return axis === 0 ? 1 : innerSize;
          }),
        ),
      ),
    );
    if (innerSize > 1 && largest > MAX_PROBE_ELEMENTS) break;
    for (const range of VALUE_RANGES) {
      const outputs = await tryRows(runner, { innerSize, range }, [0]);
      if (!(outputs instanceof Error)) return { innerSize, range, outputs };
      // What is refused for its values may hide what is refused for its shape.
      if (first === undefined || isForValues(first)) first = outputs;
    }
  }
  return first ?? new Error('there was nothing to try');
}

/** Whether the model takes many rows, of any number, though not one: a sequence of some length. */
async function takesSequences(runner: ModelRunner): Promise<boolean> {
  for (const length of SEQUENCE_LENGTHS) {
    const rows = Array.from({ length }, (_, i) => i % PROBE_ROWS);
    const tries = [1, length].map(innerSize =>
      tryRows(runner, { innerSize, range: 'bits' }, rows),
    );
    const outcomes = await Promise.all(tries);
    if (outcomes.every(outcome => outcome instanceof Error)) return false;
  }
  return true;
}

function isForValues(error: Error): boolean {
  return error instanceof RefusedInputError && error.reason === 'value';
}

/** A model that takes none of our values may take others; one that takes no size cannot be served. */
function refusalOf(runner: ModelRunner, error: Error): string | undefined {
  const texts = runner.signature.inputs.some(
    ({ datatype }) => datatype === 'BYTES',
  );
  const byShape =
    error instanceof RefusedInputError && error.reason === 'shape';
  if (byShape || (!isForValues(error) && !texts)) {
    return `the model computes no input that its signature allows: ${error.message}`;
  }
  return undefined;
}
