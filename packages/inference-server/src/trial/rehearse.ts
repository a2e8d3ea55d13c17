import { lengthOfRow, numberAt, predictionOf } from '../domain/predictionOf';
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
import { joinRows, splitRows } from '../runners/rows';
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
  /** Of each class by row, where they were asked for and it tells them. */
  scores?: ClassScores;
}

/** What a classifier says of each class; all of a part, or why there are none. */
export type ClassScores =
  | {
      /** In the order of the columns, as predictions name them. */
      classes: string[];
      /** [row][class]; null for a row that it could not be given, or with a value that is no finite number. */
      values: (number[] | null)[];
    }
  | { none: string };

/** Before the first one that is timed. */
const WARM_RUNS = 20;
/** Timed, where there are fewer rows: they go round. */
const TIMED_RUNS = 200;
/** Of a slow model fewer runs are timed. */
const MOST_TIMING_MILLIS = 10_000;
/** Rows that are computed together, where none changes the answer to another. */
const ROWS_TOGETHER = 64;
/** Beyond, the scores of some thousand rows are more than a result is read of. */
const MOST_SCORED_CLASSES = 200;
/** Each 32-bit number can be told from the next one by so many. */
const SCORE_DIGITS = 9;

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
      predictions.push(said(schema, outputs));
      requests.push(inputs);
    } catch (error) {
      note(refusals, error);
      predictions.push(null);
    }
  }
  return {
    predictions,
    ...(requests.length > 0 && (await timed(runner, requests))),
    ...(refusals.size > 0 && { left: describe(refusals, rows.length) }),
  };
}

/** What a version says of the classes of rows, as its schema says where. */
class ScoreTable {
  readonly #schema: ModelSchema;
  readonly #values: (number[] | null)[];
  #classes: number | undefined;
  #none: string | undefined;

  constructor(schema: ModelSchema, rows: number) {
    this.#schema = schema;
    this.#values = new Array<number[] | null>(rows).fill(null);
    if (schema.task !== 'classification') {
      this.#none = 'the version is no classifier';
    } else if (schema.prediction.probabilityTensor === undefined) {
      this.#none = 'the schema names no output with probabilities';
    }
  }

  keep(row: number, outputs: readonly Tensor[]): void {
    if (this.#none !== undefined) return;
    const { probabilityTensor: name, labels, codes } = this.#schema.prediction;
    const output = outputs.find(one => one.name === name);
    if (!output || Array.isArray(output.data)) {
      this.#none = `output "${name}" has no numbers`;
      return;
    }
    const length = lengthOfRow(output, 1);
    this.#classes ??= length;
    const named = labels?.length ?? codes?.length;
    if (length < 2) {
      this.#none = `output "${name}" has one column, which does not say of which class it is`;
    } else if (length > MOST_SCORED_CLASSES) {
      this.#none = `output "${name}" has ${length} classes, and the scores of ${MOST_SCORED_CLASSES} are read`;
    } else if (
      length !== this.#classes ||
      (named !== undefined && named !== length)
    ) {
      this.#none = `output "${name}" has ${length} classes, where ${
        named ?? this.#classes
      } are expected`;
    } else {
      const values = Array.from({ length }, (_, at) =>
        Number(numberAt(output, at).toPrecision(SCORE_DIGITS)),
      );
      this.#values[row] = values.every(Number.isFinite) ? values : null;
    }
  }

  end(): ClassScores {
    if (this.#none !== undefined) return { none: this.#none };
    if (this.#classes === undefined) return { none: 'no row was answered' };
    const { labels, codes } = this.#schema.prediction;
    return {
      classes: Array.from(
        { length: this.#classes },
        (_, at) => labels?.[at] ?? codes?.[at] ?? String(at),
      ),
      values: this.#values,
    };
  }
}

/**
 * Has a version answer many rows, with what it says of each class, and measures no time. Rows are computed together
 * where none changes the answer to another.
 *
 * @param isBatchable - whether that is so
 * @param rows - [row][feature], in the order of the schema's features
 */
export async function answerRows(options: {
  runner: ModelRunner;
  schema: ModelSchema | undefined;
  rows: readonly RowValue[][];
  isBatchable: boolean;
}): Promise<Rehearsal> {
  const { runner, schema, rows, isBatchable } = options;
  const left = schema
    ? whyNotRebuilt(runner.signature, schema)
    : 'the version does not say what its inputs mean';
  if (left !== undefined || !schema) {
    return { predictions: rows.map(() => null), left, scores: { none: left! } };
  }
  const together = isBatchable && rowsOf(runner) === 1 ? ROWS_TOGETHER : 1;
  const refusals = new Map<string, number>();
  const predictions: Rehearsal['predictions'] = rows.map(() => null);
  const scores = new ScoreTable(schema, rows.length);
  const keep = (row: number, outputs: readonly Tensor[]) => {
    predictions[row] = said(schema, outputs);
    scores.keep(row, outputs);
  };
  for (let start = 0; start < rows.length; start += together) {
    const asked: { row: number; inputs: Tensor[] }[] = [];
    rows.slice(start, start + together).forEach((row, offset) => {
      try {
        const inputs = toInputs(runner.signature, schema, row);
        asked.push({ row: start + offset, inputs });
      } catch (error) {
        note(refusals, error);
      }
    });
    const answers = await runTogether(runner, asked);
    for (const [at, { row, inputs }] of asked.entries()) {
      try {
        const alone = { inputs, rows: rowsOf(runner) };
        keep(row, answers?.[at] ?? (await runner.run(alone)));
      } catch (error) {
        note(refusals, error);
      }
    }
  }
  return {
    predictions,
    scores: scores.end(),
    ...(refusals.size > 0 && { left: describe(refusals, rows.length) }),
  };
}

/** @returns undefined where they have to be asked one by one: one row that is refused must not take the others along */
async function runTogether(
  runner: ModelRunner,
  asked: readonly { inputs: Tensor[] }[],
): Promise<Tensor[][] | undefined> {
  if (asked.length < 2) return undefined;
  try {
    const inputs = joinRows(asked.map(one => one.inputs));
    const outputs = await runner.run({ inputs, rows: asked.length });
    return splitRows(
      outputs,
      asked.map(() => 1),
    );
  } catch {
    return undefined;
  }
}

function said(
  schema: ModelSchema,
  outputs: readonly Tensor[],
): number | string | null {
  const prediction = predictionOf(schema, outputs, 1, 0);
  return (
    (typeof prediction === 'string' ? cut(prediction) : prediction) ?? null
  );
}

function note(refusals: Map<string, number>, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
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
  // Numbers and whole numbers alike would be 0.
  if (typeof value === 'string' && value.trim() === '') throw refused('blank');
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
