import type { Recorder } from '../domain/DataPlane';
import type { Exchange, Payload, TensorPayload } from '../domain/Exchange';
import type { ServedRoute } from '../domain/ServedRoute';
import type { TensorVersion } from '../domain/ServedVersion';
import type { Metrics } from './Metrics';
import type { RecordBuffer } from './RecordBuffer';
import { RowSampler } from './RowSampler';

/** Version of a record whose request reached none. */
const NO_VERSION = 0;
/** Model under which requests for models that do not exist are counted, whatever they asked for. */
const UNKNOWN_MODEL = '(unknown)';
const MILLIS_PER_SECOND = 1000;

/** Takes down each request: a record, the metrics, and some of its rows. */
export class Telemetry implements Recorder {
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

  /** When a request of somebody with a key ended last, in milliseconds since 1970; undefined: none has yet. */
  get lastRequestAtMillis(): number | undefined {
    return this.#lastRequestAtMillis;
  }

  record(
    exchange: Exchange,
    status: number,
    route: ServedRoute | undefined,
  ): void {
    const latencyMicros = Math.round(
      (performance.now() - exchange.startedMillis) * 1000,
    );
    const { served, payload, arrivedAtMillis, limited } = exchange;
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
      { isFallback: fallback !== undefined, isLimited: limited },
    );
    if (
      status === 200 &&
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

/** A request to a language model counts as one, whatever is in it. */
function rowsOf(payload: Payload | undefined): number {
  if (payload === undefined) return 0;
  return payload.kind === 'tensors' ? payload.rows : 1;
}
