import type { OpenAI } from 'openai';
import type { UpstreamCall } from '../../upstream/Upstream';
import type {
  EncodedCall,
  ExplainedRefusal,
  OfferedModel,
  Provider,
  Refusal,
} from '../Provider';
import { openAiDialects } from './dialects';
import { reasonOf } from './errors';

/** Of more, the first ones are enough to see that it answers. */
const MAX_MODELS = 10_000;

/** What differs between services that speak OpenAI's API. */
export interface OpenAiLikeService {
  /** Defaults to all of OpenAI's tasks. */
  dialects?: Provider['dialects'];
  /** Where a call goes. */
  address(call: EncodedCall): URL;
  /** Headers that prove who calls. */
  authorize(signal: AbortSignal): Promise<Record<string, string>>;
  /** What it says when it refuses; as OpenAI says it where it is left out. */
  explain?(body: unknown): string | undefined;
  /** Forgets a proof that was not taken; @returns whether the next call has another one. */
  renew?(): boolean;
  /** The official client, for what is not on the way of callers' requests. */
  client(signal: AbortSignal): Promise<OpenAI>;
}

/** A service that speaks OpenAI's API, wherever it lies and however it knows its callers. */
export class OpenAiLikeProvider implements Provider {
  readonly dialects: Provider['dialects'];
  readonly #service: OpenAiLikeService;

  constructor(service: OpenAiLikeService) {
    this.dialects = service.dialects ?? openAiDialects;
    this.#service = service;
  }

  async prepare(call: EncodedCall, signal: AbortSignal): Promise<UpstreamCall> {
    return {
      method: 'POST',
      url: this.#service.address(call),
      headers: {
        'content-type': 'application/json',
        ...(await this.#service.authorize(signal)),
        ...call.headers,
      },
      body: JSON.stringify(call.body),
    };
  }

  explain({ body }: Refusal): ExplainedRefusal {
    return { reason: (this.#service.explain ?? reasonOf)(body) };
  }

  mend({ status }: Refusal): boolean {
    return status === 401 && (this.#service.renew?.() ?? false);
  }

  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    return listModelsOf(await this.#service.client(signal), signal);
  }

  async close(): Promise<void> {
    // It keeps nothing.
  }
}

/** The models that a service offers, as the official client lists them. */
export async function listModelsOf(
  client: OpenAI,
  signal: AbortSignal,
): Promise<OfferedModel[]> {
  const models: OfferedModel[] = [];
  for await (const { id } of client.models.list({ signal })) {
    models.push({ name: id });
    if (models.length === MAX_MODELS) break;
  }
  return models;
}

/** A path below an address that may end with a slash, and have a query. */
export function below(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return url;
}
