import { ResponseError } from '@backstage/errors';
import type {
  DriftResponse,
  DriftTimeline,
  IngestStatus,
  Marker,
  ModelHealth,
  TimeRange,
  TrafficSeries,
} from './types';

interface CallOptions {
  token?: string;
  signal?: AbortSignal;
}

interface ModelScope {
  environment: string;
  model: string;
}

/** Typed client of the monitoring API. */
export class AiMonitoringClient {
  readonly #discovery: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetch: typeof fetch;

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi?: { fetch: typeof fetch };
  }) {
    this.#discovery = options.discoveryApi;
    this.#fetch = options.fetchApi?.fetch ?? ((...args) => fetch(...args));
  }

  listHealth(
    query: { environment?: string; model?: string } = {},
    options?: CallOptions,
  ): Promise<{ items: ModelHealth[] }> {
    return this.#get('/health', query, options);
  }

  /** One series a version, in windows that fit the range. */
  getTraffic(
    scope: ModelScope & TimeRange,
    options?: CallOptions,
  ): Promise<{ items: TrafficSeries[] }> {
    return this.#get(`${modelPath(scope)}/traffic`, range(scope), options);
  }

  getDrift(
    scope: ModelScope & TimeRange & { version: number },
    options?: CallOptions,
  ): Promise<DriftResponse> {
    return this.#get(
      `${modelPath(scope)}/versions/${scope.version}/drift`,
      range(scope),
      options,
    );
  }

  getDriftTimeline(
    scope: ModelScope & TimeRange & { version: number },
    options?: CallOptions,
  ): Promise<DriftTimeline> {
    return this.#get(
      `${modelPath(scope)}/versions/${scope.version}/drift-timeline`,
      range(scope),
      options,
    );
  }

  listMarkers(
    scope: ModelScope & TimeRange,
    options?: CallOptions,
  ): Promise<{ items: Marker[] }> {
    return this.#get(`${modelPath(scope)}/markers`, range(scope), options);
  }

  getIngestStatus(options?: CallOptions): Promise<IngestStatus> {
    return this.#get('/ingest', {}, options);
  }

  async #get<T>(
    url: string,
    query: Record<string, string | undefined>,
    options: CallOptions = {},
  ): Promise<T> {
    const base = await this.#discovery.getBaseUrl('ai-monitoring');
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) parameters.set(key, value);
    }
    const suffix = parameters.size > 0 ? `?${parameters}` : '';
    const response = await this.#fetch(`${base}${url}${suffix}`, {
      signal: options.signal,
      headers: {
        ...(options.token && { Authorization: `Bearer ${options.token}` }),
      },
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.json();
  }
}

function modelPath({ environment, model }: ModelScope): string {
  return `/environments/${encodeURIComponent(
    environment,
  )}/models/${encodeURIComponent(model)}`;
}

function range({ from, to }: TimeRange): { from: string; to: string } {
  return { from, to };
}
