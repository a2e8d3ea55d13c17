import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiMonitoringReadPermission,
  type DriftResponse,
  type DriftTimeline,
  type HealthPage,
  type HealthQuery,
  type Hole,
  type IngestStatus,
  type Marker,
  type TimeRange,
  type TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import type {
  ModelScope,
  MonitoringService,
  ReadOptions,
  VersionScope,
} from './MonitoringService';

export class AuthorizedMonitoringService implements MonitoringService {
  readonly #monitoring: MonitoringService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    monitoring: MonitoringService;
    permissions: PermissionsService;
  }) {
    this.#monitoring = options.monitoring;
    this.#permissions = options.permissions;
  }

  async listHealth(
    query: HealthQuery,
    options: ReadOptions,
  ): Promise<HealthPage> {
    await this.#require(options);
    return this.#monitoring.listHealth(query, options);
  }

  async getTraffic(
    query: ModelScope & TimeRange,
    options: ReadOptions,
  ): Promise<TrafficSeries[]> {
    await this.#require(options);
    return this.#monitoring.getTraffic(query, options);
  }

  async getDrift(
    query: VersionScope & TimeRange,
    options: ReadOptions,
  ): Promise<DriftResponse> {
    await this.#require(options);
    return this.#monitoring.getDrift(query, options);
  }

  async getDriftTimeline(
    query: VersionScope & TimeRange,
    options: ReadOptions,
  ): Promise<DriftTimeline> {
    await this.#require(options);
    return this.#monitoring.getDriftTimeline(query, options);
  }

  async listMarkers(
    query: ModelScope & TimeRange,
    options: ReadOptions,
  ): Promise<Marker[]> {
    await this.#require(options);
    return this.#monitoring.listMarkers(query, options);
  }

  async listHoles(
    query: { environment: string } & TimeRange,
    options: ReadOptions,
  ): Promise<Hole[]> {
    await this.#require(options);
    return this.#monitoring.listHoles(query, options);
  }

  async getIngestStatus(options: ReadOptions): Promise<IngestStatus> {
    await this.#require(options);
    return this.#monitoring.getIngestStatus(options);
  }

  #require({ credentials }: ReadOptions): Promise<void> {
    return requirePermission(this.#permissions, {
      permission: aiMonitoringReadPermission,
      credentials,
    });
  }
}
