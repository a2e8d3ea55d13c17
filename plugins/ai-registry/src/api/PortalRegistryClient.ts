import type {
  DiscoveryApi,
  FetchApi,
  IdentityApi,
} from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  AiRegistryClient,
  type Artifact,
  type DatasetFormat,
  type DatasetVersion,
} from '@greenroom/plugin-ai-registry-common';
import type { AiRegistryApi, UploadFileOptions } from './AiRegistryApi';

/** The registry's client as a signed-in browser uses it. */
export class PortalRegistryClient
  extends AiRegistryClient
  implements AiRegistryApi
{
  readonly #discoveryApi: DiscoveryApi;
  readonly #identityApi: IdentityApi;

  constructor(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
    identityApi: IdentityApi;
  }) {
    super(options);
    this.#discoveryApi = options.discoveryApi;
    this.#identityApi = options.identityApi;
  }

  uploadFile(file: Blob, options?: UploadFileOptions): Promise<Artifact> {
    return this.#send('/artifacts', file, options);
  }

  sendDatasetFile(
    dataset: string,
    file: { content: Blob; format: DatasetFormat; description?: string },
    options?: UploadFileOptions,
  ): Promise<DatasetVersion> {
    const query = new URLSearchParams({ format: file.format });
    if (file.description) query.set('description', file.description);
    return this.#send(
      `/datasets/${encodeURIComponent(dataset)}/files?${query}`,
      file.content,
      options,
    );
  }

  async #send<T>(
    path: string,
    file: Blob,
    options: UploadFileOptions = {},
  ): Promise<T> {
    const { onProgress, signal } = options;
    const baseUrl = await this.#discoveryApi.getBaseUrl('ai-registry');
    const { token } = await this.#identityApi.getCredentials();
    signal?.throwIfAborted();

    // fetch() cannot tell how much of a body was sent; XMLHttpRequest can.
    const request = new XMLHttpRequest();
    let abort = () => {};
    const done = new Promise<Response>((resolve, reject) => {
      request.onload = () => resolve(responseOf(request));
      request.onerror = () =>
        reject(
          new Error(
            'The upload was cut off before the registry answered. The file may have changed on disk since you chose it: choose it again. Otherwise check the connection and try again.',
          ),
        );
      abort = () => {
        request.abort();
        reject(new DOMException('The upload was cancelled', 'AbortError'));
      };
    });
    request.upload.onprogress = event => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.open('POST', `${baseUrl}${path}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    signal?.addEventListener('abort', abort);
    try {
      request.send(file);
      const response = await done;
      if (!response.ok) throw await ResponseError.fromResponse(response);
      return await response.json();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

function responseOf(request: XMLHttpRequest): Response {
  return new Response(request.responseText, {
    status: request.status,
    statusText: request.statusText,
    headers: {
      'Content-Type':
        request.getResponseHeader('Content-Type') ?? 'application/json',
    },
  });
}
