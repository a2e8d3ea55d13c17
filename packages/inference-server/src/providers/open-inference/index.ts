import type { UpstreamCall } from '../../upstream/Upstream';
import type { ConnectionParts } from '../ConnectionParts';
import { jsonOrText } from '../json';
import { below } from '../openai/OpenAiLikeProvider';
import type {
  EncodedCall,
  ExplainedRefusal,
  ExternalModel,
  OfferedModel,
  Provider,
  ProviderKind,
  Refusal,
} from '../Provider';
import { ProviderError } from '../ProviderError';
import { readIndex, reasonOf } from './answers';
import { openInferenceSettings, type OpenInferenceSettings } from './settings';

const MAX_LIST_BYTES = 4 * 1024 * 1024;
/** Statuses of servers that have no list of their models. */
const NO_LIST = [404, 405, 501];

/** `model`, or `model/version` for one of its versions. */
function inferPath({ name }: ExternalModel): string {
  const [model, version] = name.split('/');
  const versioned =
    version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  return `/v2/models/${encodeURIComponent(model)}${versioned}/infer`;
}

class OpenInferenceProvider implements Provider {
  readonly dialects = {};
  readonly tensors: Provider['tensors'] = {
    'open-inference': model => ({ model: model.name, path: inferPath(model) }),
  };
  readonly #settings: OpenInferenceSettings;
  readonly #parts: ConnectionParts;

  constructor(settings: OpenInferenceSettings, parts: ConnectionParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  prepare(call: EncodedCall): Promise<UpstreamCall> {
    return this.#post(call.path, call.body);
  }

  explain({ body }: Refusal): ExplainedRefusal {
    return { reason: reasonOf(body) };
  }

  /** Where a server has no list of its models, that it answers at all. */
  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const index = await this.#read(
      await this.#post('/v2/repository/index', {}),
      signal,
    );
    if (index.status === 200) return readIndex(index.body);
    if (!NO_LIST.includes(index.status)) throw refused(index);
    const server = await this.#read(
      { ...(await this.#post('/v2', undefined)), method: 'GET' },
      signal,
    );
    if (server.status !== 200) throw refused(server);
    return [];
  }

  async close(): Promise<void> {
    // It keeps nothing.
  }

  async #post(path: string, body: unknown): Promise<UpstreamCall> {
    const { baseUrl, secret } = this.#settings;
    const token = secret && (await this.#parts.secrets.getLine(secret));
    return {
      method: 'POST',
      url: below(baseUrl, path),
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
  }

  async #read(
    call: UpstreamCall,
    signal: AbortSignal,
  ): Promise<{ status: number; body: unknown }> {
    const { status, body } = await this.#parts.upstream.open(call, signal);
    const text = String(await body.read(MAX_LIST_BYTES));
    return { status, body: jsonOrText(text) };
  }
}

function refused({
  status,
  body,
}: {
  status: number;
  body: unknown;
}): ProviderError {
  return new ProviderError(
    reasonOf(body) ?? `it answered with status ${status}`,
    { status },
  );
}

/** Any server of the Open Inference Protocol v2: Triton, KServe, MLServer, another data plane. */
export const openInference: ProviderKind<OpenInferenceSettings> = {
  kind: 'open-inference',
  settings: openInferenceSettings,
  connect: (settings, parts) => new OpenInferenceProvider(settings, parts),
};
