import {
  type AuditPage,
  type AuditQuery,
  path,
  PluginApi,
  type PluginClientOptions,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type {
  ComparisonHistory,
  ComparisonReport,
  ExpectedAccuracy,
  OutcomeCounts,
  OutcomeLosses,
  RealisedQuality,
} from './comparison';
import type {
  CandidateDrift,
  DriftResponse,
  DriftTimeline,
  HealthPage,
  HealthQuery,
  Hole,
  IngestStatus,
  Marker,
  RecentRow,
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

  /** Whether a version that may take another one's place was made of rows like those that are asked. */
  getCandidateDrift(
    scope: ModelScope & TimeRange & { version: number; candidate: number },
    options?: RequestOptions,
  ): Promise<CandidateDrift> {
    const { version, candidate } = scope;
    return this.#api.json(
      'GET',
      `${modelPath(scope)}/versions/${version}/drift-for/${candidate}`,
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

  /** How versions that are compared stand. */
  getComparison(
    id: string,
    options?: RequestOptions,
  ): Promise<ComparisonReport> {
    return this.#api.json('GET', path`/comparisons/${id}`, options);
  }

  /** At most 500 points, oldest first. */
  getComparisonHistory(
    id: string,
    options?: RequestOptions,
  ): Promise<ComparisonHistory> {
    return this.#api.json('GET', path`/comparisons/${id}/history`, options);
  }

  /** The same points as CSV, a line a metric and version. */
  async getComparisonCsv(
    id: string,
    options?: RequestOptions,
  ): Promise<string> {
    const response = await this.#api.request(
      'GET',
      path`/comparisons/${id}/results.csv`,
      options,
    );
    return response.text();
  }

  /** What became of requests, by day, version and name of the outcome. */
  listOutcomes(
    scope: ModelScope & TimeRange,
    options?: RequestOptions,
  ): Promise<{
    items: OutcomeCounts[];
    lost: OutcomeLosses;
    quality: RealisedQuality[];
    expected: ExpectedAccuracy[];
  }> {
    return this.#api.json('GET', `${modelPath(scope)}/outcomes`, {
      query: range(scope),
      ...options,
    });
  }

  /** Some of the last rows, newest first; empty where the manifest does not ask for them. For those who review the model. */
  listRecentRows(
    query: ModelScope & { version?: number; limit?: number },
    options?: RequestOptions,
  ): Promise<{ items: RecentRow[] }> {
    const { version, limit } = query;
    return this.#api.json('GET', `${modelPath(query)}/recent-rows`, {
      query: { version, limit },
      ...options,
    });
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
