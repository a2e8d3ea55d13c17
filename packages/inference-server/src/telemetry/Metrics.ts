import type { Placement } from '../domain/Placement';
import { formatLabels } from './prometheus';

/** Upper bounds of the latency buckets, in seconds. */
export const LATENCY_BUCKETS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
  10,
];
/** Upper bounds of the batch size buckets, in rows. */
export const BATCH_BUCKETS_ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Counts of values by upper bound. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const bounds = this.#bounds;
    for (let i = 0; i < bounds.length; i++) {
      if (value <= bounds[i]) {
        this.#counts[i]++;
        return;
      }
    }
  }

  /** Lines of the Prometheus text format. */
  write(name: string, labels: Record<string, string>): string {
    let text = '';
    let cumulative = 0;
    this.#bounds.forEach((bound, i) => {
      cumulative += this.#counts[i];
      text += `${name}_bucket${formatLabels({
        ...labels,
        le: String(bound),
      })} ${cumulative}\n`;
    });
    text += `${name}_bucket${formatLabels({ ...labels, le: '+Inf' })} ${
      this.#count
    }\n`;
    text += `${name}_sum${formatLabels(labels)} ${this.#sum}\n`;
    text += `${name}_count${formatLabels(labels)} ${this.#count}\n`;
    return text;
  }
}

/** What one model version did since the process started. */
class VersionMetrics {
  readonly latencySeconds = new Histogram(LATENCY_BUCKETS_SECONDS);
  readonly batchRows = new Histogram(BATCH_BUCKETS_ROWS);
  readonly requestsByStatus = new Map<number, number>();
  rows = 0;
  /** Tokens of language models, as whoever ran them counted. */
  readonly tokens = { input: 0, output: 0 };
  readonly firstChunkSeconds = new Histogram(LATENCY_BUCKETS_SECONDS);
  answersText = false;
}

/** Values that are read when somebody asks for the metrics. */
export interface Gauges {
  modelsLoaded: number;
  modelsFailed: number;
  queuedRequests: number;
  requestsInFlight: number;
  bytesInFlight: number;
  reservedTokens: number;
  recordsWaiting: number;
  recordsDropped: number;
  samplesDropped: number;
  predictionsDropped: number;
  outcomesDropped: number;
  /** Versions that have lost their traffic here. */
  brakes: readonly { model: string; version: number }[];
  /** Where the versions run that are computed here. */
  caches: readonly {
    model: string;
    version: number;
    hits: number;
    misses: number;
    bytes: number;
  }[];
  /** Versions that are in memory on demand. */
  onDemand: readonly {
    model: string;
    version: number;
    isInMemory: boolean;
    openings: number;
  }[];
  /** Estimated, of those versions. */
  modelMemory: {
    readonly bytes: number;
    readonly peakBytes: number;
    readonly limitBytes: number;
  };
  placements: readonly {
    model: string;
    version: number;
    where: Placement['where'];
  }[];
  ready: boolean;
}

/** Counts requests and batches, and tells them in the Prometheus text format. */
export class Metrics {
  #requests = 0;
  readonly #models = new Map<string, Map<number, VersionMetrics>>();
  readonly #fallbacks = new Map<string, number>();
  readonly #copies = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();
  readonly #unsayableRows = new Map<string, number>();

  /** All requests since the start. */
  get requests(): number {
    return this.#requests;
  }

  /** @param latencyMicros - undefined for one that was refused for a limit of its key */
  observeRequest(
    model: string,
    version: number,
    status: number,
    latencyMicros: number | undefined,
    rows: number,
  ): void {
    this.#requests++;
    const metrics = this.#version(model, version);
    if (latencyMicros !== undefined) {
      metrics.latencySeconds.observe(latencyMicros / 1e6);
    }
    metrics.rows += rows;
    const { requestsByStatus } = metrics;
    requestsByStatus.set(status, (requestsByStatus.get(status) ?? 0) + 1);
  }

  observeBatch(model: string, version: number, rows: number): void {
    this.#version(model, version).batchRows.observe(rows);
  }

  /** An answer of a language model, as far as it came. */
  observeLanguage(
    model: string,
    version: number,
    tokens: { input: number | undefined; output: number | undefined },
    /** Until the first of a streamed answer was there; undefined when it was not streamed. */
    firstChunkMicros: number | undefined,
  ): void {
    const metrics = this.#version(model, version);
    metrics.answersText = true;
    metrics.tokens.input += tokens.input ?? 0;
    metrics.tokens.output += tokens.output ?? 0;
    if (firstChunkMicros !== undefined) {
      metrics.firstChunkSeconds.observe(firstChunkMicros / 1e6);
    }
  }

  /** A model was asked in the place of another one. */
  observeFallback(
    { from, reason }: { from: string; reason: string },
    to: string,
    status: number,
  ): void {
    const of = formatLabels({ from, to, reason, status: String(status) });
    this.#fallbacks.set(of, (this.#fallbacks.get(of) ?? 0) + 1);
  }

  /** A row was not copied, since a record cannot hold what an input of it has. */
  observeUnsayableRow(model: string, version: number, input: string): void {
    const of = formatLabels({ model, version: String(version), input });
    this.#unsayableRows.set(of, (this.#unsayableRows.get(of) ?? 0) + 1);
  }

  /** A caller has said what became of a request. */
  observeOutcome(model: string): void {
    const of = formatLabels({ model });
    this.#outcomes.set(of, (this.#outcomes.get(of) ?? 0) + 1);
  }

  /** A shadow was to answer a copy of a request. */
  observeCopy(
    model: string,
    version: number,
    result: 'agrees' | 'differs' | 'failed' | 'left-out',
  ): void {
    const of = formatLabels({ model, version: String(version), result });
    this.#copies.set(of, (this.#copies.get(of) ?? 0) + 1);
  }

  #version(model: string, version: number): VersionMetrics {
    let versions = this.#models.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#models.set(model, versions);
    }
    let metrics = versions.get(version);
    if (metrics === undefined) {
      metrics = new VersionMetrics();
      versions.set(version, metrics);
    }
    return metrics;
  }

  /** The whole page, as Prometheus reads it. */
  write(gauges: Gauges): string {
    const requests: string[] = [];
    const rows: string[] = [];
    const latencies: string[] = [];
    const batches: string[] = [];
    const tokens: string[] = [];
    const firstChunks: string[] = [];
    for (const [model, versions] of this.#models) {
      for (const [version, metrics] of versions) {
        const labels = { model, version: String(version) };
        for (const [status, count] of metrics.requestsByStatus) {
          const of = formatLabels({ ...labels, status: String(status) });
          requests.push(`greenroom_requests_total${of} ${count}\n`);
        }
        rows.push(
          `greenroom_rows_total${formatLabels(labels)} ${metrics.rows}\n`,
        );
        latencies.push(
          metrics.latencySeconds.write(
            'greenroom_request_duration_seconds',
            labels,
          ),
        );
        batches.push(metrics.batchRows.write('greenroom_batch_rows', labels));
        if (!metrics.answersText) continue;
        for (const [direction, count] of Object.entries(metrics.tokens)) {
          const of = formatLabels({ ...labels, direction });
          tokens.push(`greenroom_tokens_total${of} ${count}\n`);
        }
        firstChunks.push(
          metrics.firstChunkSeconds.write(
            'greenroom_first_chunk_seconds',
            labels,
          ),
        );
      }
    }
    return [
      '# HELP greenroom_requests_total Inference requests by HTTP status; version 0 when none was chosen.\n',
      '# TYPE greenroom_requests_total counter\n',
      ...requests,
      '# HELP greenroom_rows_total Input rows of inference requests.\n',
      '# TYPE greenroom_rows_total counter\n',
      ...rows,
      '# HELP greenroom_request_duration_seconds From the request line to the response handed over; without those refused for a limit of their key.\n',
      '# TYPE greenroom_request_duration_seconds histogram\n',
      ...latencies,
      '# HELP greenroom_batch_rows Rows in one run of a model.\n',
      '# TYPE greenroom_batch_rows histogram\n',
      ...batches,
      '# HELP greenroom_tokens_total Tokens of language models, as whoever ran them counted.\n',
      '# TYPE greenroom_tokens_total counter\n',
      ...tokens,
      '# HELP greenroom_first_chunk_seconds From the request line to the first part of a streamed answer.\n',
      '# TYPE greenroom_first_chunk_seconds histogram\n',
      ...firstChunks,
      '# HELP greenroom_fallbacks_total Requests to a language model in the place of another one, by why that did not answer and how this one did.\n',
      '# TYPE greenroom_fallbacks_total counter\n',
      ...[...this.#fallbacks].map(
        ([of, count]) => `greenroom_fallbacks_total${of} ${count}\n`,
      ),
      "# HELP greenroom_shadow_copies_total Copies of requests for a shadow: its answer agrees with the caller's or differs, one of the two failed, or the copy was left out.\n",
      '# TYPE greenroom_shadow_copies_total counter\n',
      ...[...this.#copies].map(
        ([of, count]) => `greenroom_shadow_copies_total${of} ${count}\n`,
      ),
      '# HELP greenroom_outcomes_total Outcomes that callers told.\n',
      '# TYPE greenroom_outcomes_total counter\n',
      ...[...this.#outcomes].map(
        ([of, count]) => `greenroom_outcomes_total${of} ${count}\n`,
      ),
      '# HELP greenroom_unsayable_rows_total Rows that were not copied, since their input is bytes that are no text, or text with a zero character.\n',
      '# TYPE greenroom_unsayable_rows_total counter\n',
      ...[...this.#unsayableRows].map(
        ([of, count]) => `greenroom_unsayable_rows_total${of} ${count}\n`,
      ),
      '# HELP greenroom_brake_pulled 1 for a version that gets no traffic here, since it failed.\n',
      '# TYPE greenroom_brake_pulled gauge\n',
      ...gauges.brakes.map(({ model, version }) => {
        const of = formatLabels({ model, version: String(version) });
        return `greenroom_brake_pulled${of} 1\n`;
      }),
      '# HELP greenroom_model_placement 1 for where a version runs: on the serving thread, or in a worker thread.\n',
      '# TYPE greenroom_model_placement gauge\n',
      ...gauges.placements.map(({ model, version, where }) => {
        const of = formatLabels({ model, version: String(version), where });
        return `greenroom_model_placement${of} 1\n`;
      }),
      '# HELP greenroom_response_cache_requests_total Requests to versions that keep answers, by whether one was computed for them.\n',
      '# TYPE greenroom_response_cache_requests_total counter\n',
      ...gauges.caches.flatMap(({ model, version, hits, misses }) =>
        Object.entries({ hit: hits, miss: misses }).map(([result, count]) => {
          const of = formatLabels({ model, version: String(version), result });
          return `greenroom_response_cache_requests_total${of} ${count}\n`;
        }),
      ),
      '# HELP greenroom_response_cache_bytes Memory of the answers that are kept.\n',
      '# TYPE greenroom_response_cache_bytes gauge\n',
      ...gauges.caches.map(({ model, version, bytes }) => {
        const of = formatLabels({ model, version: String(version) });
        return `greenroom_response_cache_bytes${of} ${bytes}\n`;
      }),
      ...onDemandLines(gauges),
      ...gaugeLines(gauges),
      ...processLines(),
    ].join('');
  }
}

function onDemandLines({ onDemand, modelMemory }: Gauges): string[] {
  const lines = (
    name: string,
    valueOf: (of: (typeof onDemand)[number]) => number,
  ) =>
    onDemand.map(one => {
      const { model, version } = one;
      const of = formatLabels({ model, version: String(version) });
      return `${name}${of} ${valueOf(one)}\n`;
    });
  const { bytes, peakBytes, limitBytes } = modelMemory;
  return [
    '# HELP greenroom_model_in_memory 1 for a version on demand that is in memory, 0 for one that is opened by its next request.\n',
    '# TYPE greenroom_model_in_memory gauge\n',
    ...lines('greenroom_model_in_memory', one => (one.isInMemory ? 1 : 0)),
    '# HELP greenroom_model_openings_total How often a version on demand was brought into memory.\n',
    '# TYPE greenroom_model_openings_total counter\n',
    ...lines('greenroom_model_openings_total', one => one.openings),
    '# HELP greenroom_model_memory_bytes Estimated memory of the versions on demand: now, the most it ever was, and the limit, 0 for none.\n',
    '# TYPE greenroom_model_memory_bytes gauge\n',
    ...Object.entries({ now: bytes, peak: peakBytes, limit: limitBytes }).map(
      ([of, value]) =>
        `greenroom_model_memory_bytes${formatLabels({ of })} ${value}\n`,
    ),
  ];
}

function gaugeLines(gauges: Gauges): string[] {
  const line = (name: string, type: string, help: string, value: number) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
  return [
    line(
      'greenroom_models_loaded',
      'gauge',
      'Model versions that can be asked, in memory or opened on demand.',
      gauges.modelsLoaded,
    ),
    line(
      'greenroom_models_failed',
      'gauge',
      'Wanted model versions whose last attempt to load failed.',
      gauges.modelsFailed,
    ),
    line(
      'greenroom_queued_requests',
      'gauge',
      'Requests that wait for a batch.',
      gauges.queuedRequests,
    ),
    line(
      'greenroom_requests_in_flight',
      'gauge',
      'Requests that were let in and are not answered.',
      gauges.requestsInFlight,
    ),
    line(
      'greenroom_request_bytes_in_flight',
      'gauge',
      'Bytes of their bodies, and of whole answers of providers.',
      gauges.bytesInFlight,
    ),
    line(
      'greenroom_reserved_tokens',
      'gauge',
      'Tokens that requests on their way may come to, of keys with limits.',
      gauges.reservedTokens,
    ),
    line(
      'greenroom_records_waiting',
      'gauge',
      'Records that the control plane has not taken yet.',
      gauges.recordsWaiting,
    ),
    line(
      'greenroom_records_dropped_total',
      'counter',
      'Records given up, since the control plane was away too long or refused them.',
      gauges.recordsDropped,
    ),
    line(
      'greenroom_samples_dropped_total',
      'counter',
      'Copied rows given up, for the same reasons; they go before records do.',
      gauges.samplesDropped,
    ),
    line(
      'greenroom_predictions_dropped_total',
      'counter',
      'Requests given up, for the same reasons, that can be given an outcome.',
      gauges.predictionsDropped,
    ),
    line(
      'greenroom_outcomes_dropped_total',
      'counter',
      'Outcomes given up, for the same reasons.',
      gauges.outcomesDropped,
    ),
    line(
      'greenroom_ready',
      'gauge',
      '1 when requests are answered.',
      gauges.ready ? 1 : 0,
    ),
  ];
}

function processLines(): string[] {
  const { user, system } = process.cpuUsage();
  return [
    '# HELP process_cpu_seconds_total CPU time of the process.\n',
    '# TYPE process_cpu_seconds_total counter\n',
    `process_cpu_seconds_total ${(user + system) / 1e6}\n`,
    '# HELP process_resident_memory_bytes Resident memory.\n',
    '# TYPE process_resident_memory_bytes gauge\n',
    `process_resident_memory_bytes ${process.memoryUsage.rss()}\n`,
  ];
}
