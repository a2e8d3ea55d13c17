import { ResponseError } from '@backstage/errors';

/** Who calls: backends pass a token, the portal's fetch API adds one itself. */
export interface RequestOptions {
  token?: string;
  signal?: AbortSignal;
}

export interface PluginClientOptions {
  discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  /** The global fetch when left out. */
  fetchApi?: { fetch: typeof fetch };
}

export interface PluginCallOptions extends RequestOptions {
  query?: Record<string, string | number | boolean | string[] | undefined>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: BodyInit;
}

/**
 * A plugin's REST API, as the typed clients call it.
 *
 * @throws ResponseError when the answer is not a 2xx.
 */
export class PluginApi {
  readonly #pluginId: string;
  readonly #discovery: PluginClientOptions['discoveryApi'];
  readonly #fetch: typeof fetch;

  constructor(pluginId: string, options: PluginClientOptions) {
    this.#pluginId = pluginId;
    this.#discovery = options.discoveryApi;
    this.#fetch =
      options.fetchApi?.fetch ??
      ((...request: Parameters<typeof fetch>) => fetch(...request));
  }

  async json<T>(
    method: string,
    url: string,
    options?: PluginCallOptions,
  ): Promise<T> {
    const response = await this.request(method, url, options);
    return response.json();
  }

  async request(
    method: string,
    url: string,
    options: PluginCallOptions = {},
  ): Promise<Response> {
    const { token, signal, body, raw } = options;
    const base = await this.#discovery.getBaseUrl(this.#pluginId);
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(options.query ?? {})) {
      for (const item of Array.isArray(value) ? value : [value]) {
        if (item !== undefined) query.append(key, String(item));
      }
    }
    const suffix = query.size > 0 ? `?${query}` : '';
    const streaming = raw !== undefined;
    const response = await this.#fetch(`${base}${url}${suffix}`, {
      method,
      signal,
      headers: {
        ...options.headers,
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(streaming && { 'Content-Type': 'application/octet-stream' }),
      },
      body: streaming ? raw : JSON.stringify(body),
      ...(streaming && { duplex: 'half' }),
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}

/** Builds a URL path whose parts are escaped. */
export function path(
  strings: TemplateStringsArray,
  ...parts: (string | number)[]
): string {
  return strings.reduce(
    (url, text, index) =>
      url + encodeURIComponent(String(parts[index - 1])) + text,
  );
}
