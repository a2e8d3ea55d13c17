import type {
  OutcomeRecord,
  PredictionRecord,
} from '@greenroom/plugin-ai-inference-common';
import type { Recorder } from '../domain/DataPlane';
import type {
  CopiedTo,
  CopyOutcome,
  CopyRecorder,
} from '../domain/shadow/Shadows';
import type { Exchange, Payload, TensorPayload } from '../domain/Exchange';
import type { ServedRoute } from '../domain/ServedRoute';
import { UNCOUNTED } from '../domain/Assignment';
import { confidenceOf, predictionOf } from '../domain/predictionOf';
import type { ServedVersion, TensorVersion } from '../domain/ServedVersion';
import { isSampled } from '../domain/unitOf';
import type { Metrics } from './Metrics';
import type { RecordBuffer } from './RecordBuffer';
import { RowSampler, sayable } from './RowSampler';

/** Version of a record whose request reached none. */
const NO_VERSION = 0;
/** Model under which requests for models that do not exist are counted, whatever they asked for. */
const UNKNOWN_MODEL = '(unknown)';
const MILLIS_PER_SECOND = 1000;
const ANSWERED = 200;
const COPY_RESULTS = { 1: 'agrees', 0: 'differs', '-1': 'failed' } as const;

/** Takes down each request: a record, the metrics, and some of its rows. */
export class Telemetry implements Recorder, CopyRecorder {
  readonly #buffer: RecordBuffer;
  readonly #metrics: Metrics;
  readonly #samplers = new WeakMap<TensorVersion, { sampler?: RowSampler }>();
  /** Rows copied by model in the current second. */
  readonly #sampledRows = new Map<string, number>();
  #second = 0;
  #lastRequestAtMillis: number | undefined;

  constructor(options: { buffer: RecordBuffer; metrics: Metrics }) {
    this.#buffer = options.buffer;
    this.#metrics = options.metrics;
  }

  /** When a request of somebody with a key ended last, or an outcome came, in milliseconds since 1970; undefined: none has yet. */
  get lastRequestAtMillis(): number | undefined {
    return this.#lastRequestAtMillis;
  }

  record(
    exchange: Exchange,
    status: number,
    route: ServedRoute | undefined,
  ): void {
    const endedMillis = performance.now();
    const latencyMicros = Math.round(
      (endedMillis - exchange.startedMillis) * 1000,
    );
    const { served, assignment, payload, arrivedAtMillis, limited } = exchange;
    const version = served?.version ?? NO_VERSION;
    if (route === undefined && served === undefined) {
      this.#metrics.observeRequest(
        UNKNOWN_MODEL,
        NO_VERSION,
        status,
        latencyMicros,
        0,
      );
      return;
    }
    const { model } = exchange.asked;
    const rows = rowsOf(payload);
    this.#metrics.observeRequest(
      model,
      version,
      status,
      // How fast a caller is refused says nothing about the model.
      limited ? undefined : latencyMicros,
      rows,
    );
    if (payload?.kind === 'language') {
      const { tokens, firstChunkMillis } = payload;
      this.#metrics.observeLanguage(
        model,
        version,
        tokens,
        firstChunkMillis === undefined
          ? undefined
          : (firstChunkMillis - exchange.startedMillis) * 1_000,
      );
    }
    if (served?.kind === 'tensors' && !limited) {
      const isAnswered = status === ANSWERED && payload?.kind === 'tensors';
      served.statistics.observeRequest({
        startedMillis: exchange.startedMillis,
        endedMillis,
        times: isAnswered ? payload : undefined,
        rows,
      });
    }
    const { fallback } = exchange.asked;
    if (fallback) this.#metrics.observeFallback(fallback, model, status);
    // Who has no key for the model says nothing about it, and must not crowd out who has.
    if (!exchange.admitted) return;
    this.#lastRequestAtMillis = Date.now();
    this.#buffer.add(
      model,
      version,
      arrivedAtMillis,
      latencyMicros,
      status,
      rows,
      payload?.kind === 'language' ? payload.tokens : undefined,
      {
        isFallback: fallback !== undefined,
        isLimited: limited,
        comparison: assignment?.route.comparison?.id,
        unit: assignment?.unit,
      },
    );
    if (status === ANSWERED) this.#keepForOutcome(exchange);
    if (
      status === ANSWERED &&
      served?.kind === 'tensors' &&
      payload?.kind === 'tensors' &&
      route
    ) {
      this.#sample(
        served,
        payload,
        arrivedAtMillis,
        route.recordedRowsPerSecond,
      );
    }
  }

  /** A caller says what became of an earlier request. */
  recordOutcome(outcome: OutcomeRecord): void {
    // Who says what came of requests needs this data plane, too.
    this.#lastRequestAtMillis = Date.now();
    this.#metrics.observeOutcome(outcome.model);
    this.#buffer.addOutcome(outcome);
  }

  recordCopy(outcome: CopyOutcome): void {
    const { model, version, agrees } = outcome;
    this.#metrics.observeCopy(model, version, COPY_RESULTS[agrees]);
    this.#buffer.addCopy(outcome);
  }

  recordLeftOutCopy(of: CopiedTo): void {
    this.#metrics.observeCopy(of.model, of.version, 'left-out');
    this.#buffer.addLeftOutCopy(of);
  }

  /** Tells of a request of the sample that can be given an outcome; of what it carried, nothing. */
  #keepForOutcome(exchange: Exchange): void {
    const { assignment, payload, arrivedAtMillis: at, asked } = exchange;
    const requestId = exchange.identify();
    const outcomes = assignment?.route.outcomes;
    if (!assignment || !outcomes || requestId === undefined) return;
    const { model, assignmentId } = asked;
    const purpose = `outcomes/${model}`;
    const { samplePercent } = outcomes;
    if (!isSampled(purpose, samplePercent, assignmentId, Math.random)) return;
    const { served, unit, route } = assignment;
    const { comparison } = route;
    this.#buffer.addPrediction({
      requestId,
      at,
      model,
      version: served.version,
      ...(comparison && unit !== UNCOUNTED && { comparison: comparison.id }),
      unit,
      ...predictionIn(payload, served),
    });
  }

  #sample(
    served: TensorVersion,
    payload: TensorPayload,
    atMillis: number,
    rowsPerSecond: number,
  ): void {
    const { model } = served;
    const second = Math.floor(atMillis / MILLIS_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#sampledRows.clear();
    }
    const taken = this.#sampledRows.get(model) ?? 0;
    const rows = Math.min(payload.rows, rowsPerSecond - taken);
    if (rows <= 0) return;
    const sampler = this.#samplerOf(served);
    if (!sampler) return;
    this.#sampledRows.set(model, taken + rows);
    for (let row = 0; row < rows; row++) {
      const input = sampler.unsayableInput(payload, row);
      if (input !== undefined) {
        this.#metrics.observeUnsayableRow(model, served.version, input);
        continue;
      }
      const sample = sampler.sample(payload, row, atMillis);
      this.#buffer.addSample(model, served.version, sample);
    }
  }

  #samplerOf(served: TensorVersion): RowSampler | undefined {
    let entry = this.#samplers.get(served);
    if (entry === undefined) {
      entry = { sampler: RowSampler.for(served) };
      this.#samplers.set(served, entry);
    }
    return entry.sampler;
  }
}

/** What the version said of the only row; nothing of several, of texts, and where the schema names nothing. */
function predictionIn(
  payload: Payload | undefined,
  served: ServedVersion,
): Pick<PredictionRecord, 'prediction' | 'confidence'> {
  if (payload?.kind !== 'tensors' || payload.rows !== 1) return {};
  if (served.kind !== 'tensors' || !served.schema) return {};
  const { schema } = served;
  const { outputs = [] } = payload;
  const said = predictionOf(schema, outputs, 1, 0);
  const prediction = typeof said === 'string' ? sayable(said) : said;
  const confidence = confidenceOf(schema, outputs, 1, 0);
  return {
    ...(prediction !== undefined && { prediction }),
    ...(confidence !== undefined && { confidence }),
  };
}

/** A request to a language model counts as one, whatever is in it. */
function rowsOf(payload: Payload | undefined): number {
  if (payload === undefined) return 0;
  return payload.kind === 'tensors' ? payload.rows : 1;
}
