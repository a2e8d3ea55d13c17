import type {
  DriftResponse,
  DriftTimeline,
  IngestStatus,
  Marker,
  ModelHealth,
  TimeRange,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import type { BaselineSource } from '../baselines/BaselineSource';
import { toDriftResponse, toDriftTimeline } from '../drift/drift';
import type { HealthReader } from '../health/HealthReader';
import { toMarkers } from '../markers/markers';
import type { RolloutSource } from '../markers/RolloutSource';
import type { BatchStore } from '../records/BatchStore';
import { toTrafficSeries } from '../traffic/traffic';
import type { WindowStore } from '../windows/WindowStore';
import type {
  ModelScope,
  MonitoringService,
  VersionScope,
} from './MonitoringService';
import { parseTimeSpan } from './timeSpan';

/** Reads, and lets each feature's pure part make the answer. */
export class DefaultMonitoringService implements MonitoringService {
  readonly #windows: WindowStore;
  readonly #batches: BatchStore;
  readonly #baselines: BaselineSource;
  readonly #rollouts: RolloutSource;
  readonly #health: HealthReader;
  readonly #clock: () => Date;

  constructor(options: {
    windows: WindowStore;
    batches: BatchStore;
    baselines: BaselineSource;
    rollouts: RolloutSource;
    health: HealthReader;
    clock: () => Date;
  }) {
    this.#windows = options.windows;
    this.#batches = options.batches;
    this.#baselines = options.baselines;
    this.#rollouts = options.rollouts;
    this.#health = options.health;
    this.#clock = options.clock;
  }

  listHealth(query: Partial<ModelScope>): Promise<ModelHealth[]> {
    return this.#health.list(query);
  }

  async getTraffic({
    environment,
    model,
    ...times
  }: ModelScope & TimeRange): Promise<TrafficSeries[]> {
    const range = parseTimeSpan(times);
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
    parseTimeSpan({ from, to });
    return toMarkers(await this.#rollouts.listRollouts(scope), { from, to });
  }

  async getIngestStatus(): Promise<IngestStatus> {
    return { producers: await this.#batches.listProducers() };
  }

  async #readProfiles({
    environment,
    model,
    version,
    ...times
  }: VersionScope & TimeRange) {
    const span = parseTimeSpan(times);
    const [baseline, windows] = await Promise.all([
      this.#baselines.find(model, version),
      this.#windows.listProfiles({ environment, model, version, ...span }),
    ]);
    return { model, version, span, baseline, windows };
  }
}
