import { predictionOf } from '../domain/predictionOf';
import { DATATYPE_FACTS } from '../domain/datatypes';
import type { ModelRunner } from '../domain/ModelRunner';
import {
  elementCount,
  type ModelSchema,
  type Signature,
  type Tensor,
  type TensorData,
} from '../domain/tensor';
import { toHalf } from '../domain/toHalf';
import { findFoothold } from '../runners/warmUp';
import { makeInputs } from '../runners/probes';
import { cut, MOST_TEXT_CHARACTERS } from '../telemetry/RowSampler';

/** A value of a row as JSON carries it; infinities and whole numbers that a double cannot hold are texts. */
export type RowValue = number | string | boolean | null;

/** What a version does with rows, one after the other, as single requests. */
export interface Rehearsal {
  /** Of computing one row, in microseconds; undefined where nothing could be computed. */
  latencyMicros?: { runs: number; p50: number; p95: number };
  /** What the version says of each row, in their order; null for one that it could not be given. */
  predictions: (number | string | null)[];
  /** Why rows could not be given to it, in a sentence; undefined where all could. */
  left?: string;
}

/** Before the first one that is timed. */
const WARM_RUNS = 20;
/** Timed, where there are fewer rows: they go round. */
const TIMED_RUNS = 200;
/** Of a slow model fewer runs are timed. */
const MOST_TIMING_MILLIS = 10_000;

/**
 * Has a version answer rows.
 *
 * @param rows - [row][feature], in the order of the schema's features; without any, the time is measured with made-up values
 */
export async function rehearse(options: {
  runner: ModelRunner;
  schema: ModelSchema | undefined;
  rows: readonly RowValue[][];
}): Promise<Rehearsal> {
  const { runner, schema, rows } = options;
  if (rows.length === 0) {
    const inputs = await madeUpRow(runner);
    return {
      predictions: [],
      ...(inputs && (await timed(runner, [inputs]))),
    };
  }
  const left = schema
    ? whyNotRebuilt(runner.signature, schema)
    : 'the version does not say what its inputs mean';
  if (left !== undefined || !schema) {
    return { predictions: rows.map(() => null), left };
  }
  const requests: Tensor[][] = [];
  const refusals = new Map<string, number>();
  const predictions: Rehearsal['predictions'] = [];
  for (const row of rows) {
    try {
      const inputs = toInputs(runner.signature, schema, row);
      const outputs = await runner.run({ inputs, rows: rowsOf(runner) });
      const said = predictionOf(schema, outputs, 1, 0);
      predictions.push((typeof said === 'string' ? cut(said) : said) ?? null);
      requests.push(inputs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
      predictions.push(null);
    }
  }
  return {
    predictions,
    ...(requests.length > 0 && (await timed(runner, requests))),
    ...(refusals.size > 0 && { left: describe(refusals, rows.length) }),
  };
}

/** The commonest reason, with how many rows there are without an answer. */
function describe(refusals: Map<string, number>, rows: number): string {
  const [[reason]] = [...refusals].sort(([, a], [, b]) => b - a);
  const left = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  return `${left} of ${rows} rows: ${reason}`;
}

async function madeUpRow(runner: ModelRunner): Promise<Tensor[] | undefined> {
  const foothold = await findFoothold(runner);
  return foothold instanceof Error
    ? undefined
    : makeInputs(runner.signature, { ...foothold, rows: [0] });
}

async function timed(
  runner: ModelRunner,
  requests: readonly Tensor[][],
): Promise<Pick<Rehearsal, 'latencyMicros'>> {
  const rows = rowsOf(runner);
  const times: number[] = [];
  const started = performance.now();
  for (let run = 0; run < WARM_RUNS + TIMED_RUNS; run++) {
    const inputs = requests[run % requests.length];
    const before = performance.now();
    await runner.run({ inputs, rows });
    const after = performance.now();
    if (run >= WARM_RUNS) times.push(after - before);
    if (times.length > 0 && after - started > MOST_TIMING_MILLIS) break;
  }
  times.sort((a, b) => a - b);
  const quantile = (share: number) =>
    Math.round(
      times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)] *
        1_000,
    );
  return {
    latencyMicros: {
      runs: times.length,
      p50: quantile(0.5),
      p95: quantile(0.95),
    },
  };
}

/** One, where the inputs have a first dimension of rows. */
function rowsOf({ signature }: ModelRunner): number | undefined {
  return signature.inputs.every(({ shape }) => shape[0] === -1) ? 1 : undefined;
}

/** A row of features is a request only where the features are all that there is of the inputs. */
function whyNotRebuilt(
  signature: Signature,
  schema: ModelSchema,
): string | undefined {
  for (const { name, shape } of signature.inputs) {
    const [first, ...rest] = shape;
    if (first !== -1 && first !== 1) {
      return `input "${name}" has no first dimension of rows`;
    }
    if (rest.includes(-1)) return `input "${name}" has rows of free length`;
    const named = new Set(
      schema.features
        .filter(({ tensor }) => tensor === name)
        .map(({ index }) => index),
    );
    const values = elementCount(rest);
    if (named.size !== values) {
      return `features name ${named.size} of the ${values} values of input "${name}"`;
    }
  }
  return undefined;
}

function toInputs(
  signature: Signature,
  schema: ModelSchema,
  row: readonly RowValue[],
): Tensor[] {
  if (row.length !== schema.features.length) {
    throw new Error(
      `a row has ${row.length} values, expected one for each of the ${schema.features.length} features`,
    );
  }
  const inputs = signature.inputs.map(({ name, datatype, shape }): Tensor => {
    const full = [1, ...shape.slice(1)];
    const data = DATATYPE_FACTS[datatype].create(elementCount(full));
    return { name, datatype, shape: full, data };
  });
  schema.features.forEach(({ name, tensor, index }, at) => {
    const input = inputs.find(one => one.name === tensor);
    if (input) put(input, index, row[at], name);
  });
  return inputs;
}

function put(
  { data, datatype }: { data: TensorData; datatype: Tensor['datatype'] },
  index: number,
  value: RowValue,
  feature: string,
): void {
  const refused = (what: string) =>
    new Error(`feature "${feature}" is ${what}, expected ${datatype}`);
  const { kind, range, bigRange } = DATATYPE_FACTS[datatype];
  if (kind === 'string') {
    const text = String(value ?? '');
    // A longer one was cut when it was recorded.
    if (text.length >= MOST_TEXT_CHARACTERS) throw refused('cut');
    data[index] = text;
    return;
  }
  if (kind === 'float' || kind === 'half') {
    const number = value === null ? NaN : Number(value);
    if (value !== null && Number.isNaN(number)) throw refused('no number');
    data[index] = kind === 'half' ? toHalf(number) : number;
    return;
  }
  if (value === null) throw refused('missing');
  if (kind === 'bigint') {
    const whole = toBigInt(value);
    if (whole === undefined || !isWithin(whole, bigRange)) {
      throw refused(String(value));
    }
    data[index] = whole;
    return;
  }
  const number = Number(value);
  if (!Number.isInteger(number) || !isWithin(number, range)) {
    throw refused(String(value));
  }
  data[index] = number;
}

function isWithin<T extends number | bigint>(
  value: T,
  range: [T, T] | undefined,
): boolean {
  return range === undefined || (value >= range[0] && value <= range[1]);
}

function toBigInt(value: Exclude<RowValue, null>): bigint | undefined {
  try {
    return BigInt(value);
  } catch {
    return undefined;
  }
}
