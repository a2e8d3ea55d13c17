import { z } from 'zod';
import type { UpstreamCall } from '../../upstream/Upstream';
import type { ConnectionParts } from '../ConnectionParts';
import type {
  EncodedCall,
  ExplainedRefusal,
  OfferedModel,
  Provider,
  ProviderKind,
  Refusal,
} from '../Provider';
import { ProviderError } from '../ProviderError';
import { reasonOf } from '../openai/errors';
import type { TokenSource } from '../tokens/TokenSource';
import { vertexDialects } from './dialects';
import { serviceAccountTokens } from './serviceAccount';
import {
  endpointOf,
  vertexAiSettings,
  type VertexAiSettings,
} from './settings';
import { vertexTensors } from './tensors';
import { googleError } from './wire';

const MAX_LIST_BYTES = 4 * 1024 * 1024;

const publisherModels = z.looseObject({
  publisherModels: z.array(z.looseObject({ name: z.string() })).default([]),
});

class VertexAiProvider implements Provider {
  readonly dialects = vertexDialects;
  readonly tensors = vertexTensors;
  readonly #settings: VertexAiSettings;
  readonly #parts: ConnectionParts;
  readonly #tokens: TokenSource;

  constructor(settings: VertexAiSettings, parts: ConnectionParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#tokens = serviceAccountTokens(settings.credentials, parts);
  }

  async prepare(call: EncodedCall): Promise<UpstreamCall> {
    const { project, location } = this.#settings;
    const place = `projects/${project}/locations/${location}`;
    return {
      method: 'POST',
      url: new URL(`/v1/${place}${call.path}`, endpointOf(this.#settings)),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await this.#tokens.get()}`,
      },
      body: JSON.stringify(call.body),
    };
  }

  explain({ body }: Refusal): ExplainedRefusal {
    // Answers that would have been a list refuse with a list of one.
    const parsed = googleError.safeParse(Array.isArray(body) ? body[0] : body);
    // The container behind an endpoint has words of its own.
    return { reason: parsed.data?.error.message ?? reasonOf(body) };
  }

  mend({ status }: Refusal): boolean {
    return status === 401 && this.#tokens.renew();
  }

  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const path = '/v1beta1/publishers/google/models?pageSize=200';
    const { status, body } = await this.#parts.upstream.open(
      {
        method: 'GET',
        url: new URL(path, endpointOf(this.#settings)),
        headers: { authorization: `Bearer ${await this.#tokens.get()}` },
      },
      signal,
    );
    const text = String(await body.read(MAX_LIST_BYTES));
    if (status !== 200) {
      throw new ProviderError(`it answered with status ${status}`, { status });
    }
    return publisherModels
      .parse(JSON.parse(text))
      .publisherModels.map(({ name }) => ({
        name: name.slice(name.lastIndexOf('/') + 1),
      }));
  }

  async close(): Promise<void> {
    // It keeps nothing.
  }
}

/** Google's Vertex AI: Gemini, text embeddings, and endpoints of the project's own. */
export const vertexAi: ProviderKind<VertexAiSettings> = {
  kind: 'vertex-ai',
  settings: vertexAiSettings,
  connect: (settings, parts) => new VertexAiProvider(settings, parts),
};
