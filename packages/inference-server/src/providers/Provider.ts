import type { TENSOR_PROTOCOLS } from '@greenroom/bundle-file';
import type { z } from 'zod';
import type {
  LanguageTask,
  LanguageTasks,
  TokenCounts,
} from '../domain/LanguageModel';
import type { Transport, UpstreamCall } from '../upstream/Upstream';
import type { ConnectionParts } from './ConnectionParts';

/** What a version says about the model behind a connection. */
export interface ExternalModel {
  /** As the provider calls it: a model, a deployment, an endpoint. */
  name: string;
}

/** The body of a request, as one service takes it. */
export interface EncodedCall {
  /** As {@link ExternalModel} names it: some services have an address for each. */
  model: string;
  /** Below the connection's address. */
  path: string;
  /** JSON to be written, or bytes as they are sent. */
  body: unknown;
  headers?: Record<string, string>;
  /** When nobody waits for the answer any more, by the monotonic clock; Infinity or left out for never. */
  deadlineMillis?: number;
}

/** How an endpoint takes tensors. */
export type TensorProtocol = (typeof TENSOR_PROTOCOLS)[number];

/** How tensors are written: numbers as JSON, or their bytes behind it, or the messages of gRPC. */
export type TensorForm = 'json' | 'binary' | 'protobuf';

/** Whether a model can be asked, as far as its server says. */
export type Readiness =
  | { state: 'ready' }
  /** The reason without secrets. */
  | { state: 'not-ready'; reason: string }
  /** It does not say: only calls tell. */
  | { state: 'unknown' };

/** Where a model of tensors is called; the protocol says what is in the body. */
export type TensorAddress = (model: ExternalModel) => Omit<EncodedCall, 'body'>;

/** How answers are cut into events: as they are, or within messages of AWS. */
export type Framing = 'sse' | 'sse-in-aws-event-stream';

/** Turns the events of one streamed answer into chunks of OpenAI's API. */
export interface StreamDecoder<Chunk> {
  /**
   * @param data - of one event
   * @param event - its type, where the framing has types
   * @returns the chunks to pass on; none where the event says nothing to callers
   * @throws ProviderError when the event tells of a failure
   */
  decode(data: string, event: string | undefined): Chunk[];
  /** Whether all has been said: what breaks off before that is no whole answer. */
  readonly complete: boolean;
  readonly tokens: TokenCounts;
}

/** A call whose answer is translated back: some services do not repeat what they were asked. */
export interface Asked<T extends LanguageTask> {
  request: LanguageTasks[T]['request'];
  model: ExternalModel;
}

/**
 * One task in a service's own language: pure functions from and to OpenAI's API. What has no
 * counterpart is refused by name, never left out silently.
 */
export interface Dialect<T extends LanguageTask> {
  readonly framing: Framing;
  /** @throws InferenceError `invalid` that names a field without counterpart */
  encode(
    request: LanguageTasks[T]['request'],
    model: ExternalModel,
  ): EncodedCall;
  /**
   * @param body - JSON as it was parsed
   * @throws ProviderError when it is no answer
   */
  decode(
    body: unknown,
    asked: Asked<T>,
  ): {
    body: LanguageTasks[T]['answer'];
    tokens: TokenCounts;
  };
  createStreamDecoder(
    asked: Asked<T>,
  ): StreamDecoder<LanguageTasks[T]['chunk']>;
}

/** A model that a connection offers. */
export interface OfferedModel {
  name: string;
}

/** An answer with another status than 200. */
export interface Refusal {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** JSON as it was parsed, or else the text. */
  body: unknown;
  /** What was refused. */
  call: UpstreamCall;
}

export interface ExplainedRefusal {
  /** In the service's own words, without secrets; undefined when it says nothing that can be read. */
  reason: string | undefined;
  /** Where another status than that of the answer says better what happened. */
  status?: number;
}

/** A service under one connection's settings. */
export interface Provider {
  readonly dialects: { readonly [T in LanguageTask]?: Dialect<T> };
  /** For services whose endpoints take tensors. */
  readonly tensors?: { readonly [P in TensorProtocol]?: TensorAddress };
  /** How tensors of the protocol `open-inference` are written for it; JSON where left out. */
  readonly tensorForm?: TensorForm;
  /** What carries its calls; HTTP as all use it where left out. */
  readonly transport?: Transport;
  /** Finds out what the service can do that changes how it is called, once; never fails. */
  learn?(): Promise<void>;
  /** Host and port of the server, where it may be one that others lead to as well: it is asked for readiness once for all. */
  readonly address?: string;
  /**
   * Asks the service whether it can answer for a model.
   *
   * @throws UpstreamFailure or SecretError
   */
  readiness?(model: ExternalModel, signal: AbortSignal): Promise<Readiness>;
  /**
   * The HTTP request for a call, with what proves who calls.
   *
   * @throws SecretError when the secret is not there
   * @throws UpstreamFailure or ProviderError when a token could not be had
   */
  prepare(call: EncodedCall, signal: AbortSignal): Promise<UpstreamCall>;
  /** What the service means when it refuses. */
  explain(refusal: Refusal): ExplainedRefusal;
  /**
   * Looks at a refusal for what can be mended here: a token that is not taken any more, a clock
   * that goes wrong.
   *
   * @returns whether the call is worth another try for that
   */
  mend?(refusal: Refusal): boolean;
  /**
   * Asks the service for its models by its official client, on the cold path: proves that it
   * is there and takes the secret.
   */
  listModels(signal: AbortSignal): Promise<OfferedModel[]>;
  /** Frees what it keeps. */
  close(): Promise<void>;
}

/** A kind of service. */
export interface ProviderKind<Settings = unknown> {
  /** As connections name it. */
  readonly kind: string;
  readonly settings: z.ZodType<Settings>;
  connect(settings: Settings, parts: ConnectionParts): Provider;
}
