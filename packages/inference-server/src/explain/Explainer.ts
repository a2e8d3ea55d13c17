import type { Predict } from '@greenroom/ml-kit';
import { InferenceError } from '../domain/InferenceError';
import type { Cancellation } from '../domain/ModelRunner';
import type { TensorVersion } from '../domain/ServedVersion';
import type { Tensor } from '../domain/tensor';
import { explainRow, type RowExplanation } from './explain';
import { FeatureTable, type FeatureValue } from './FeatureTable';
import { type ExplainSettings, MOST_EVALUATIONS } from './settings';
import { PoliteModel } from './PoliteModel';
import type { ReferenceRows } from './ReferenceRows';
import { chooseTarget, type Target } from './target';

/** Explanations that wait besides the one that is made. */
const MOST_WAITING = 8;
const DEFAULT_EVALUATIONS = 250_000;
/** Each row of a provider's model is paid for. */
const DEFAULT_REMOTE_EVALUATIONS = 0;
/** Whoever asks waits, and others wait for them. */
const LONGEST_MILLIS = 30_000;

export interface ExplainRequest {
  served: TensorVersion;
  /** In the order of the signature, one row. */
  inputs: readonly Tensor[];
  /** Sent by the caller: rows that what is left out is replaced by. */
  background: { inputs: readonly Tensor[]; rows: number } | undefined;
  settings: ExplainSettings;
  caller: Cancellation;
}

/** An explanation with what it is about. */
export interface Explanation extends RowExplanation {
  target: Omit<Target, 'read'>;
  features: { name: string; value: FeatureValue }[];
  background: { source: 'reference' | 'request'; rows: number };
  evaluations: number;
  seed: number;
}

/**
 * Explains answers, one at a time, in the time that callers leave: every run of the model is short,
 * and followed by as long a pause.
 */
export class Explainer {
  readonly #references: ReferenceRows;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: { references: ReferenceRows }) {
    this.#references = options.references;
  }

  /** @throws InferenceError `invalid`, `overloaded`, `not-ready`, `gateway-timeout` or `cancelled`, or what a run throws */
  async explain(request: ExplainRequest): Promise<Explanation> {
    if (this.#waiting > MOST_WAITING) {
      throw new InferenceError(
        'overloaded',
        `${MOST_WAITING} explanations are waited for already: try again later`,
      );
    }
    this.#waiting++;
    const before = this.#last;
    const mine = before.then(() => this.#explainInTime(request));
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting--;
    }
  }

  async #explainInTime(request: ExplainRequest): Promise<Explanation> {
    const signal = AbortSignal.timeout(LONGEST_MILLIS);
    try {
      return await this.#explainNow(request, signal);
    } catch (error) {
      throw signal.aborted ? tooSlow(error) : error;
    }
  }

  async #explainNow(
    request: ExplainRequest,
    signal: AbortSignal,
  ): Promise<Explanation> {
    const { served, inputs, settings, caller } = request;
    const table = FeatureTable.for(served, inputs);
    const instance = table.instance();
    const background = await this.#backgroundOf(request, table, signal);
    const maxEvaluations = evaluationsFor(served, settings);
    const model = new PoliteModel({ served, caller, signal });
    const own = await model.run(inputs, 1);
    const target = chooseTarget(served, own, settings.class);
    const predict: Predict = batch =>
      model.predict(batch.rows, target, (from, to) =>
        table.toTensors({
          rows: to - from,
          features: batch.features,
          values: batch.values.subarray(
            from * batch.features,
            to * batch.features,
          ),
        }),
      );
    const row = await explainRow({
      table,
      schema: served.schema as NonNullable<typeof served.schema>,
      instance,
      background: background.rows,
      settings,
      maxEvaluations,
      predict,
      predictTexts: (feature, texts) =>
        predict({
          rows: texts.length,
          features: instance.length,
          values: table.withTexts(instance, feature, texts),
        }),
      signal,
    });
    const { read: _read, ...about } = target;
    return {
      ...row,
      target: about,
      features: table.features.map(({ name }, at) => ({
        name,
        value: table.valueOf(at, instance[at]),
      })),
      background: { source: background.source, rows: background.rows.length },
      evaluations: model.evaluations,
      seed: settings.seed,
    };
  }

  async #backgroundOf(
    { served, background, settings }: ExplainRequest,
    table: FeatureTable,
    signal: AbortSignal,
  ): Promise<{ source: 'reference' | 'request'; rows: Float64Array[] }> {
    const { background_rows: most } = settings;
    if (background) {
      const chosen = evenly([...Array(background.rows).keys()], most);
      return {
        source: 'request',
        rows: table.rowsOf(background.inputs, background.rows, chosen),
      };
    }
    const { reference } = served;
    if (reference === undefined) {
      throw new InferenceError(
        'invalid',
        `version ${served.version} of model "${served.model}" was registered without reference rows: send "background", tensors like "inputs" with some typical rows`,
      );
    }
    const stored = await this.#references.get(reference, signal);
    const columns = table.features.map(({ name }) =>
      stored.features.indexOf(name),
    );
    return {
      source: 'reference',
      rows: evenly(stored.rows, most).map((row, at) =>
        table.encode(
          columns.map(column => row[column] ?? null),
          `reference row ${at}`,
        ),
      ),
    };
  }
}

/** @throws InferenceError `invalid` where somebody has to say how much may be spent */
function evaluationsFor(
  served: TensorVersion,
  { max_evaluations: asked }: ExplainSettings,
): number {
  const byDefault = served.isRemote
    ? DEFAULT_REMOTE_EVALUATIONS
    : DEFAULT_EVALUATIONS;
  const most = Math.min(asked ?? byDefault, MOST_EVALUATIONS);
  if (most > 0) return most;
  throw new InferenceError(
    'invalid',
    `model "${served.model}" is run by a provider, and each row of an explanation is paid for: say with "explain.max_evaluations" how many it may be`,
  );
}

/** Some of them, from first to last. */
function evenly<T>(rows: readonly T[], most: number): T[] {
  const count = Math.min(rows.length, most);
  return Array.from(
    { length: count },
    (_, at) => rows[Math.floor((at * rows.length) / count)],
  );
}

function tooSlow(cause: unknown): InferenceError {
  return new InferenceError(
    'gateway-timeout',
    `the explanation took more than ${
      LONGEST_MILLIS / 1_000
    } seconds: take fewer background_rows, a smaller max_evaluations, or a coarser grid`,
    cause,
  );
}
