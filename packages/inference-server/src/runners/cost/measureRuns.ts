import type { ModelRunner } from '../../domain/ModelRunner';
import { elementCount, type Tensor } from '../../domain/tensor';
import { makeInputs, PROBE_ROWS } from '../probes';
import type { MadeUpValues } from '../warmUp';
import type { MeasuredRun } from './MeasuredRun';

/** Free dimensions besides the rows are words of a text more often than not: one alone says little. */
const USUAL_INNER_SIZE = 64;
/** Numbers of rows that are tried of a model whose requests share runs. */
const SHARED_ROWS = [1, 8, 32];
const ROUNDS = 5;
/** Of slow models fewer runs are measured. */
const MOST_MILLIS = 100;
const MOST_ELEMENTS = 1_000_000;

/**
 * Measures how long a model that is warm takes for made-up rows.
 *
 * @param values - that the model takes
 * @param shared - whether runs of several rows are of interest
 */
export async function measureRuns(
  runner: ModelRunner,
  values: MadeUpValues,
  { shared }: { shared: boolean },
): Promise<MeasuredRun[]> {
  const innerSize = await usualInnerSize(runner, values);
  const requests = (shared ? SHARED_ROWS : [1])
    .map(rows => ({
      rows,
      inputs: inputsOf(runner, { ...values, innerSize }, rows),
    }))
    .filter(({ rows, inputs }) => rows === 1 || areSmall(inputs));
  const runs: MeasuredRun[] = [];
  const startedMillis = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { rows, inputs } of requests) {
      const beforeMillis = performance.now();
      if (runs.length > 0 && beforeMillis - startedMillis > MOST_MILLIS) {
        return runs;
      }
      try {
        await runner.run({ inputs, rows });
      } catch {
        // What it takes few of it need not take many of.
        return runs;
      }
      runs.push({ rows, millis: performance.now() - beforeMillis });
    }
  }
  return runs;
}

async function usualInnerSize(
  runner: ModelRunner,
  { innerSize, range }: MadeUpValues,
): Promise<number> {
  const free = runner.signature.inputs.some(({ shape }) =>
    shape.slice(1).includes(-1),
  );
  if (!free || innerSize >= USUAL_INNER_SIZE) return innerSize;
  const values = { innerSize: USUAL_INNER_SIZE, range };
  const inputs = inputsOf(runner, values, 1);
  if (!areSmall(inputs)) return innerSize;
  try {
    await runner.run({ inputs, rows: 1 });
    return USUAL_INNER_SIZE;
  } catch {
    // It takes other sizes than that.
    return innerSize;
  }
}

function inputsOf(
  { signature }: ModelRunner,
  values: MadeUpValues,
  rows: number,
): Tensor[] {
  const order = Array.from({ length: rows }, (_, row) => row % PROBE_ROWS);
  return makeInputs(signature, { ...values, rows: order });
}

function areSmall(inputs: readonly Tensor[]): boolean {
  return inputs.every(({ shape }) => elementCount(shape) <= MOST_ELEMENTS);
}
