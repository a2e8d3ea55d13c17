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
  Readiness,
  Refusal,
  TensorForm,
} from '../Provider';
import {
  readIndex,
  readReadiness,
  reasonOf,
  refused,
  takesBinary,
} from './answers';
import { bearer } from './bearer';
import { splitModelName } from './modelName';
import type { OpenInferenceSettings } from './settings';

const MAX_LIST_BYTES = 4 * 1024 * 1024;
/** Statuses of servers that have no list of their models. */
const NO_LIST = [404, 405, 501];
/** How long calls wait for what the server says of itself, before the first one is sent. */
const LEARN_MILLIS = 2_000;

function pathOf({ name }: ExternalModel): string {
  const { model, version } = splitModelName(name);
  const versioned =
    version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  return `/v2/models/${encodeURIComponent(model)}${versioned}`;
}

/** A server of the protocol over HTTP: tensors as bytes where it says that it takes them, else as JSON. */
export class RestInferenceProvider implements Provider {
  readonly dialects = {};
  readonly tensors: Provider['tensors'] = {
    'open-inference': model => ({
      model: model.name,
      path: `${pathOf(model)}/infer`,
    }),
  };
  readonly #settings: OpenInferenceSettings;
  readonly #parts: ConnectionParts;
  #form: TensorForm = 'json';
  #isKnown = false;
  #learning: Promise<void> | undefined;

  constructor(settings: OpenInferenceSettings, parts: ConnectionParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  get address(): string {
    return new URL(this.#settings.baseUrl).host;
  }

  get tensorForm(): TensorForm {
    return this.#form;
  }

  /** A server that does not say in time gets JSON, until a check finds out more. */
  learn(): Promise<void> {
    this.#learning ??= this.#learnForm(AbortSignal.timeout(LEARN_MILLIS)).then(
      () => undefined,
      () => undefined,
    );
    return this.#learning;
  }

  prepare({ path, body, headers }: EncodedCall): Promise<UpstreamCall> {
    return Buffer.isBuffer(body)
      ? this.#call('POST', path, { body, headers })
      : this.#call('POST', path, { body: JSON.stringify(body), headers });
  }

  explain({ body }: Refusal): ExplainedRefusal {
    return { reason: reasonOf(body) };
  }

  async readiness(
    model: ExternalModel,
    signal: AbortSignal,
  ): Promise<Readiness> {
    const call = await this.#call('GET', `${pathOf(model)}/ready`);
    const said = readReadiness(await this.#read(call, signal));
    // It may be another server by now, and what it takes is not known while it is away.
    if (said.state !== 'ready') this.#isKnown = false;
    else if (!this.#isKnown) await this.#learnForm(signal);
    return said;
  }

  /** Where a server has no list of its models, that it answers at all. */
  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const index = await this.#read(
      await this.#call('POST', '/v2/repository/index', { body: '{}' }),
      signal,
    );
    if (index.status !== 200 && !NO_LIST.includes(index.status)) {
      throw refused(index);
    }
    const server = await this.#learnForm(signal);
    if (index.status === 200) return readIndex(index.body);
    if (server.status !== 200) throw refused(server);
    return [];
  }

  async close(): Promise<void> {
    // It keeps nothing.
  }

  async #learnForm(
    signal: AbortSignal,
  ): Promise<{ status: number; body: unknown }> {
    const said = await this.#read(await this.#call('GET', '/v2'), signal);
    this.#isKnown = true;
    if (said.status === 200) {
      this.#form = takesBinary(said.body) ? 'binary' : 'json';
    }
    return said;
  }

  async #call(
    method: UpstreamCall['method'],
    path: string,
    sent: Pick<UpstreamCall, 'body'> & {
      headers?: Record<string, string>;
    } = {},
  ): Promise<UpstreamCall> {
    const { baseUrl, secret } = this.#settings;
    return {
      method,
      url: below(baseUrl, path),
      headers: {
        'content-type': 'application/json',
        ...sent.headers,
        ...(await bearer(this.#parts.secrets, secret)),
      },
      ...(sent.body !== undefined && { body: sent.body }),
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
