import { OpenAI } from 'openai';
import type { UpstreamCall } from '../../upstream/Upstream';
import type { ConnectionParts } from '../ConnectionParts';
import type {
  EncodedCall,
  OfferedModel,
  Provider,
  ProviderKind,
} from '../Provider';
import { openAiDialects } from './dialects';
import { explainOpenAi } from './errors';
import { openAiSettings, type OpenAiSettings } from './settings';

class OpenAiProvider implements Provider {
  readonly dialects = openAiDialects;
  readonly explain = explainOpenAi;
  readonly #settings: OpenAiSettings;
  readonly #parts: ConnectionParts;

  constructor(settings: OpenAiSettings, parts: ConnectionParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  async prepare({ path, body, headers }: EncodedCall): Promise<UpstreamCall> {
    const { baseUrl, secret, organization, project } = this.#settings;
    const key = await this.#parts.secrets.get(secret);
    return {
      method: 'POST',
      url: new URL(`${baseUrl.replace(/\/+$/, '')}${path}`),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
        ...(organization && { 'openai-organization': organization }),
        ...(project && { 'openai-project': project }),
        ...headers,
      },
      body: JSON.stringify(body),
    };
  }

  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const { baseUrl, secret, organization, project } = this.#settings;
    const client = new OpenAI({
      baseURL: baseUrl,
      apiKey: await this.#parts.secrets.get(secret),
      organization,
      project,
      maxRetries: 0,
    });
    const models: OfferedModel[] = [];
    for await (const { id } of client.models.list({ signal })) {
      models.push({ name: id });
    }
    return models;
  }

  async close(): Promise<void> {
    // It keeps nothing.
  }
}

/** OpenAI itself. */
export const openAi: ProviderKind<OpenAiSettings> = {
  kind: 'openai',
  settings: openAiSettings,
  connect: (settings, parts) => new OpenAiProvider(settings, parts),
};
