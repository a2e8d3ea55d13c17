import type { InferenceCall, Recorder } from '../domain/DataPlane';
import type { ServedRoute } from '../domain/ServedRoute';
import type { ServedVersion } from '../domain/ServedVersion';
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
  readonly #samplers = new WeakMap<ServedVersion, { sampler?: RowSampler }>();
  /** Rows copied by model in the current second. */
  readonly #sampledRows = new Map<string, number>();
  #second = 0;

  constructor(options: { buffer: RecordBuffer; metrics: Metrics }) {
    this.#buffer = options.buffer;
    this.#metrics = options.metrics;
  }

  record(
    call: InferenceCall,
    status: number,
    route: ServedRoute | undefined,
  ): void {
    const latencyMicros = Math.round(
      (performance.now() - call.startedMillis) * 1000,
    );
    const version = call.served?.version ?? NO_VERSION;
    if (route === undefined && call.served === undefined) {
      this.#metrics.observeRequest(
        UNKNOWN_MODEL,
        NO_VERSION,
        status,
        latencyMicros,
        0,
      );
      return;
    }
    const { model, rows, arrivedAtMillis } = call;
    this.#metrics.observeRequest(model, version, status, latencyMicros, rows);
    // Who has no key for the model says nothing about it, and must not crowd out who has.
    if (!call.admitted) return;
    this.#buffer.add(
      model,
      version,
      arrivedAtMillis,
      latencyMicros,
      status,
      rows,
    );
    if (status === 200 && call.served && route) {
      this.#sample(call, call.served, route.recordedRowsPerSecond);
    }
  }

  #sample(
    call: InferenceCall,
    served: ServedVersion,
    rowsPerSecond: number,
  ): void {
    const second = Math.floor(call.arrivedAtMillis / MILLIS_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#sampledRows.clear();
    }
    const taken = this.#sampledRows.get(call.model) ?? 0;
    const rows = Math.min(call.rows, rowsPerSecond - taken);
    if (rows <= 0) return;
    const sampler = this.#samplerOf(served);
    if (!sampler) return;
    this.#sampledRows.set(call.model, taken + rows);
    for (let row = 0; row < rows; row++) {
      const sample = sampler.sample(call, row);
      if (sample) this.#buffer.addSample(call.model, served.version, sample);
    }
  }

  #samplerOf(served: ServedVersion): RowSampler | undefined {
    let entry = this.#samplers.get(served);
    if (entry === undefined) {
      entry = { sampler: RowSampler.for(served) };
      this.#samplers.set(served, entry);
    }
    return entry.sampler;
  }
}
