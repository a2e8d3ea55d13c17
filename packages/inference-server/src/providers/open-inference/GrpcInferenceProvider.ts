import { INFERENCE_SERVICE, typeOf } from '../../grpc/protocol';
import { GrpcTransport } from '../../upstream/GrpcTransport';
import type { UpstreamCall } from '../../upstream/Upstream';
import type { ConnectionParts } from '../ConnectionParts';
import { jsonOrText } from '../json';
import type {
  EncodedCall,
  ExplainedRefusal,
  ExternalModel,
  OfferedModel,
  Provider,
  Readiness,
  Refusal,
} from '../Provider';
import { ProviderError } from '../ProviderError';
import { readIndex, readReadiness, reasonOf, refused } from './answers';
import { bearer } from './bearer';
import { MAX_ANSWER_BYTES } from './limits';
import { splitModelName } from './modelName';
import type { OpenInferenceSettings } from './settings';

const SECURE_SCHEMES = ['https:', 'grpcs:'];
const DEFAULT_PORTS = { secure: '443', plain: '80' };
/** As HTTP has it: the server does not have the method. */
const NOT_IMPLEMENTED = 501;

/** A server of the protocol over gRPC. */
export class GrpcInferenceProvider implements Provider {
  readonly dialects = {};
  readonly tensorForm = 'protobuf';
  readonly tensors: Provider['tensors'] = {
    'open-inference': ({ name }) => ({ model: name, path: 'ModelInfer' }),
  };
  readonly transport: GrpcTransport;
  readonly #base: URL;
  readonly #secret: string | undefined;
  readonly #parts: ConnectionParts;

  constructor(settings: OpenInferenceSettings, parts: ConnectionParts) {
    const { protocol, hostname, port } = new URL(settings.baseUrl);
    const isSecure = SECURE_SCHEMES.includes(protocol);
    const usual = isSecure ? DEFAULT_PORTS.secure : DEFAULT_PORTS.plain;
    const host = `${hostname}:${port || usual}`;
    this.#base = new URL(`http${isSecure ? 's' : ''}://${host}`);
    this.#secret = settings.secret;
    this.#parts = parts;
    this.transport = new GrpcTransport({
      address: host,
      isSecure,
      times: parts.upstream.times,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
  }

  get address(): string {
    return this.#base.host;
  }

  prepare({ path, body, deadlineMillis }: EncodedCall): Promise<UpstreamCall> {
    if (!Buffer.isBuffer(body)) throw new Error('a call of gRPC is a message');
    return this.#call(path, body, deadlineMillis);
  }

  explain({ body }: Refusal): ExplainedRefusal {
    return { reason: reasonOf(body) };
  }

  async readiness(
    { name }: ExternalModel,
    signal: AbortSignal,
  ): Promise<Readiness> {
    const { model, version = '' } = splitModelName(name);
    const request = { name: model, version };
    return readReadiness(await this.#ask('ModelReady', request, signal));
  }

  /** Where a server has no list of its models, that it answers at all. */
  async listModels(signal: AbortSignal): Promise<OfferedModel[]> {
    const index = await this.#ask('RepositoryIndex', {}, signal);
    if (index.status === 200) return readIndex(Object(index.body).models);
    if (index.status !== NOT_IMPLEMENTED) throw refused(index);
    const server = await this.#ask('ServerMetadata', {}, signal);
    if (server.status !== 200) throw refused(server);
    return [];
  }

  async close(): Promise<void> {
    this.transport.close();
  }

  async #ask(
    method: string,
    request: object,
    signal: AbortSignal,
  ): Promise<{ status: number; body: unknown }> {
    const type = typeOf(`${method}Request`);
    const message = Buffer.from(type.encode(type.create(request)).finish());
    const call = await this.#call(method, message, undefined);
    const { status, body } = await this.transport.open(call, signal);
    const bytes = await body.read(MAX_ANSWER_BYTES);
    if (status !== 200) return { status, body: jsonOrText(String(bytes)) };
    try {
      const answer = typeOf(`${method}Response`);
      const read = { defaults: true, arrays: true };
      return { status, body: answer.toObject(answer.decode(bytes), read) };
    } catch (error) {
      throw new ProviderError('its answer is no message of the protocol', {
        status: 502,
        cause: error,
      });
    }
  }

  async #call(
    method: string,
    body: Buffer,
    deadlineMillis: number | undefined,
  ): Promise<UpstreamCall> {
    return {
      method: 'POST',
      url: new URL(`/${INFERENCE_SERVICE}/${method}`, this.#base),
      headers: await bearer(this.#parts.secrets, this.#secret),
      body,
      deadlineMillis,
    };
  }
}
