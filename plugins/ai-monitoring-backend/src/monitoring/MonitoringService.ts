import type {
  CandidateDrift,
  DriftResponse,
  DriftTimeline,
  HealthPage,
  HealthQuery,
  Hole,
  IngestStatus,
  Marker,
  TimeRange,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import type { BaselineSource } from '../baselines/BaselineSource';
import type { ReferenceSource } from '../baselines/ReferenceSource';
import { toCandidateDrift } from '../drift/candidateDrift';
import { toDriftResponse, toDriftTimeline } from '../drift/drift';
import { planReading } from '../drift/planReading';
import type { HealthService } from '../health/HealthService';
import { toMarkers } from '../markers/markers';
import type { RolloutSource } from '../markers/RolloutSource';
import type { BatchStore } from '../records/BatchStore';
import type { LossStore } from '../records/LossStore';
import { toTrafficSeries } from '../traffic/traffic';
import type { WindowStore } from '../windows/WindowStore';
import { parseTimeSpan } from './timeSpan';

export interface ModelScope {
  environment: string;
  model: string;
}

export type VersionScope = ModelScope & { version: number };

/** How served models do: reads, and lets each feature's pure part make the answer. */
export class MonitoringService {
  readonly #windows: WindowStore;
  readonly #batches: BatchStore;
  readonly #baselines: BaselineSource;
  readonly #references: Pick<ReferenceSource, 'find'>;
  readonly #rollouts: RolloutSource;
  readonly #health: HealthService;
  readonly #losses: LossStore;
  readonly #maxClockOffsetMillis: number;
  readonly #clock: () => Date;

  constructor(options: {
    windows: WindowStore;
    batches: BatchStore;
    baselines: BaselineSource;
    references: Pick<ReferenceSource, 'find'>;
    rollouts: RolloutSource;
    health: HealthService;
    losses: LossStore;
    maxClockOffsetMillis: number;
    clock: () => Date;
  }) {
    this.#windows = options.windows;
    this.#batches = options.batches;
    this.#baselines = options.baselines;
    this.#references = options.references;
    this.#rollouts = options.rollouts;
    this.#health = options.health;
    this.#losses = options.losses;
    this.#maxClockOffsetMillis = options.maxClockOffsetMillis;
    this.#clock = options.clock;
  }

  /** Models that are served, and those that were called in the last half hour; the worst first. */
  listHealth(query: HealthQuery): Promise<HealthPage> {
    return this.#health.list(query);
  }

  async getTraffic({
    environment,
    model,
    ...times
  }: ModelScope & TimeRange): Promise<TrafficSeries[]> {
    const range = parseTimeSpan(times, this.#clock());
    const windows = await this.#windows.listTraffic({
      environment,
      model,
      ...range,
    });
    return toTrafficSeries({ model, windows, range, now: this.#clock() });
  }

  async getDrift(query: VersionScope & TimeRange): Promise<DriftResponse> {
    return toDriftResponse(await this.#readProfiles(query));
  }

  async getCandidateDrift({
    candidate,
    ...query
  }: VersionScope &
    TimeRange & { candidate: number }): Promise<CandidateDrift> {
    const [profiles, reference] = await Promise.all([
      this.#readProfiles(query),
      this.#references.find(query.model, candidate),
    ]);
    return toCandidateDrift({ ...profiles, candidate, reference });
  }

  async getDriftTimeline(
    query: VersionScope & TimeRange,
  ): Promise<DriftTimeline> {
    return toDriftTimeline(await this.#readProfiles(query));
  }

  async listMarkers({
    from,
    to,
    ...scope
  }: ModelScope & TimeRange): Promise<Marker[]> {
    parseTimeSpan({ from, to }, this.#clock());
    return toMarkers(await this.#rollouts.listRollouts(scope), { from, to });
  }

  async getIngestStatus(): Promise<IngestStatus> {
    return {
      producers: await this.#batches.listProducers(),
      maxClockOffsetMillis: this.#maxClockOffsetMillis,
    };
  }

  /** Times of which records are missing, the newest 200, oldest first. */
  async listHoles({
    environment,
    ...times
  }: { environment: string } & TimeRange): Promise<Hole[]> {
    const span = parseTimeSpan(times, this.#clock());
    return this.#losses.list({ environment, ...span });
  }

  async #readProfiles({
    environment,
    model,
    version,
    ...times
  }: VersionScope & TimeRange) {
    const span = parseTimeSpan(times, this.#clock());
    const scope = { environment, model, version, ...span };
    const [watched, { windows, coarsestSeconds }] = await Promise.all([
      this.#baselines.findWatched(model, version),
      this.#windows.measureProfiles(scope),
    ]);
    const { baseline, uncovered = [] } = watched ?? {};
    const { pageSize } = planReading({
      windows,
      features: baseline?.features.length ?? 0,
    });
    return {
      model,
      version,
      span,
      baseline,
      uncovered,
      coarsestSeconds,
      windows: this.#windows.readProfiles(scope, pageSize),
    };
  }
}
