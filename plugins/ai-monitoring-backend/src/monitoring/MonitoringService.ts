import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type {
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

export interface ReadOptions {
  credentials: BackstageCredentials;
}

export interface ModelScope {
  environment: string;
  model: string;
}

export type VersionScope = ModelScope & { version: number };

/** How served models do. */
export interface MonitoringService {
  /** Models that are served, and those that were called in the last half hour; the worst first. */
  listHealth(query: HealthQuery, options: ReadOptions): Promise<HealthPage>;

  getTraffic(
    query: ModelScope & TimeRange,
    options: ReadOptions,
  ): Promise<TrafficSeries[]>;

  getDrift(
    query: VersionScope & TimeRange,
    options: ReadOptions,
  ): Promise<DriftResponse>;

  getDriftTimeline(
    query: VersionScope & TimeRange,
    options: ReadOptions,
  ): Promise<DriftTimeline>;

  listMarkers(
    query: ModelScope & TimeRange,
    options: ReadOptions,
  ): Promise<Marker[]>;

  /** Times of which records are missing, the newest 200, oldest first. */
  listHoles(
    query: { environment: string } & TimeRange,
    options: ReadOptions,
  ): Promise<Hole[]>;

  getIngestStatus(options: ReadOptions): Promise<IngestStatus>;
}
