import { ResponseError } from '@backstage/errors';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import type {
  ApiKey,
  DataPlaneStatus,
  Deployment,
  IssuedApiKey,
  NewApiKey,
  Rollout,
} from './deployment';
import {
  HEADER_ASSIGNMENT_ID,
  type InferRequest,
  type InferResponse,
} from './openInference';

interface CallOptions {
  token?: string;
  signal?: AbortSignal;
}

/** Typed client of the inference API (the control plane's, not the data plane's). */
export class AiInferenceClient {
  readonly #discovery: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetch: typeof fetch;

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi?: { fetch: typeof fetch };
  }) {
    this.#discovery = options.discoveryApi;
    this.#fetch = options.fetchApi?.fetch ?? ((...args) => fetch(...args));
  }

  listDeployments(
    query: { environment?: Environment; model?: string } = {},
    options?: CallOptions,
  ): Promise<{ items: Deployment[] }> {
    return this.#json(
      'GET',
      `/deployments${toQuery(query)}`,
      undefined,
      options,
    );
  }

  /** Newest first. */
  listRollouts(
    query: { environment?: Environment; model?: string; limit?: number } = {},
    options?: CallOptions,
  ): Promise<{ items: Rollout[] }> {
    return this.#json('GET', `/rollouts${toQuery(query)}`, undefined, options);
  }

  listDataPlanes(options?: CallOptions): Promise<{ items: DataPlaneStatus[] }> {
    return this.#json('GET', '/data-planes', undefined, options);
  }

  listKeys(options?: CallOptions): Promise<{ items: ApiKey[] }> {
    return this.#json('GET', '/keys', undefined, options);
  }

  createKey(key: NewApiKey, options?: CallOptions): Promise<IssuedApiKey> {
    return this.#json('POST', '/keys', key, options);
  }

  revokeKey(id: string, options?: CallOptions): Promise<ApiKey> {
    return this.#json(
      'POST',
      `/keys/${encodeURIComponent(id)}/revoke`,
      {},
      options,
    );
  }

  /** Asks a data plane on the caller's behalf; for the portal's playground. */
  infer(
    target: {
      environment: Environment;
      model: string;
      version?: number;
      /** Whom to be during a rollout; the caller when left out. */
      assignmentId?: string;
    },
    request: InferRequest,
    options?: CallOptions,
  ): Promise<InferResponse> {
    const { environment, model, version, assignmentId } = target;
    const suffix = version === undefined ? '' : `/versions/${version}`;
    return this.#json(
      'POST',
      `/playground/${environment}/${encodeURIComponent(model)}${suffix}`,
      request,
      options,
      assignmentId === undefined
        ? undefined
        : { [HEADER_ASSIGNMENT_ID]: assignmentId },
    );
  }

  async #json<T>(
    method: string,
    url: string,
    body?: unknown,
    options: CallOptions = {},
    headers?: Record<string, string>,
  ): Promise<T> {
    const base = await this.#discovery.getBaseUrl('ai-inference');
    const response = await this.#fetch(`${base}${url}`, {
      method,
      signal: options.signal,
      headers: {
        ...headers,
        ...(options.token && { Authorization: `Bearer ${options.token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.json();
  }
}

function toQuery(query: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(key, String(value));
  }
  return parameters.size > 0 ? `?${parameters}` : '';
}
