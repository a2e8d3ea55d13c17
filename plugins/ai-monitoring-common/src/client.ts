import {
  type AuditPage,
  type AuditQuery,
  path,
  PluginApi,
  type PluginClientOptions,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
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
} from './types';

interface ModelScope {
  environment: string;
  model: string;
}

/** Typed client of the monitoring API. */
export class AiMonitoringClient {
  readonly #api: PluginApi;

  constructor(options: PluginClientOptions) {
    this.#api = new PluginApi('ai-monitoring', options);
  }

  /** What was changed, newest first; 50 entries when no limit is named. */
  listAudit(
    query: AuditQuery = {},
    options?: RequestOptions,
  ): Promise<AuditPage> {
    return this.#api.json('GET', '/audit', { query: { ...query }, ...options });
  }

  /** The worst first. */
  listHealth(
    query: HealthQuery = {},
    options?: RequestOptions,
  ): Promise<HealthPage> {
    return this.#api.json('GET', '/health', {
      query: { ...query },
      ...options,
    });
  }

  /** One series a version, in windows that fit the range. */
  getTraffic(
    scope: ModelScope & TimeRange,
    options?: RequestOptions,
  ): Promise<{ items: TrafficSeries[] }> {
    return this.#api.json('GET', `${modelPath(scope)}/traffic`, {
      query: range(scope),
      ...options,
    });
  }

  getDrift(
    scope: ModelScope & TimeRange & { version: number },
    options?: RequestOptions,
  ): Promise<DriftResponse> {
    return this.#api.json(
      'GET',
      `${modelPath(scope)}/versions/${scope.version}/drift`,
      { query: range(scope), ...options },
    );
  }

  getDriftTimeline(
    scope: ModelScope & TimeRange & { version: number },
    options?: RequestOptions,
  ): Promise<DriftTimeline> {
    return this.#api.json(
      'GET',
      `${modelPath(scope)}/versions/${scope.version}/drift-timeline`,
      { query: range(scope), ...options },
    );
  }

  listMarkers(
    scope: ModelScope & TimeRange,
    options?: RequestOptions,
  ): Promise<{ items: Marker[] }> {
    return this.#api.json('GET', `${modelPath(scope)}/markers`, {
      query: range(scope),
      ...options,
    });
  }

  /** Times of which records are missing, the newest 200, oldest first. */
  listHoles(
    scope: { environment: string } & TimeRange,
    options?: RequestOptions,
  ): Promise<{ items: Hole[] }> {
    return this.#api.json(
      'GET',
      path`/environments/${scope.environment}/holes`,
      { query: range(scope), ...options },
    );
  }

  getIngestStatus(options?: RequestOptions): Promise<IngestStatus> {
    return this.#api.json('GET', '/ingest', options);
  }
}

function modelPath({ environment, model }: ModelScope): string {
  return path`/environments/${environment}/models/${model}`;
}

function range({ from, to }: TimeRange): { from: string; to: string } {
  return { from, to };
}
