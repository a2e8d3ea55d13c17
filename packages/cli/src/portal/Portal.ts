import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import type { CommandContext, Words } from '../Command';
import {
  CommandError,
  EXIT_CODES,
  failure,
  notFound,
  usageError,
} from '../CommandError';
import {
  findTokenSource,
  requireTokenSource,
  type TokenSource,
} from './tokenSource';

const TIMEOUT_MILLIS = 30_000;
/** For files, which are as large as they are. */
const UPLOAD_TIMEOUT_MILLIS = 60 * 60_000;
/** Pauses before a call that changes nothing is tried again. */
const RETRY_PAUSES_MILLIS = [500, 2_000];
const AWAY = [502, 503, 504];
/** Searches are posted, and change nothing. */
const SEARCHES = /\/(?:model|version)-searches$/;

type FetchInput = Parameters<typeof fetch>[0];
type Send = (
  input: FetchInput,
  init: RequestInit & { headers: Headers },
) => Promise<Response>;

/** A call that is over, answer and all, within the time limit. */
const sendWhole: Send = (input, init) => {
  const isUpload =
    init.headers.get('Content-Type') === 'application/octet-stream';
  const limit = AbortSignal.timeout(
    isUpload ? UPLOAD_TIMEOUT_MILLIS : TIMEOUT_MILLIS,
  );
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  return fetch(input, { ...init, signal });
};

/** A call whose answer begins within the time limit. */
const sendForFile: Send = async (input, init) => {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new Error('it does not begin to answer')),
    TIMEOUT_MILLIS,
  );
  const signal = init.signal
    ? AbortSignal.any([init.signal, limit.signal])
    : limit.signal;
  try {
    return await fetch(input, { ...init, signal });
  } finally {
    clearTimeout(timer);
  }
};

/** The portal did not answer. */
export class PortalAwayError extends Error {
  override readonly name = 'PortalAwayError';
}

/** The portal's APIs, with who calls, and patience with a portal that is being restarted. */
export class Portal {
  /** Without a slash at the end. */
  readonly url: string;
  readonly registry: AiRegistryClient;
  readonly inference: AiInferenceClient;
  readonly training: AiTrainingClient;
  /**
   * The same for files, which are as large as they are: the time limit is for the beginning of an answer.
   * Who reads it looks after the rest.
   */
  readonly files: { registry: AiRegistryClient; training: AiTrainingClient };
  /** Who calls. */
  readonly tokens: TokenSource;

  /** @throws CommandError where the portal's address or a token is missing */
  static of(words: Words, context: CommandContext): Portal {
    const { url, audience, environment } = settingsOf(words, context);
    return new Portal(url, requireTokenSource({ environment, audience }));
  }

  /** Undefined where the portal's address or a token is missing. */
  static find(words: Words, context: CommandContext): Portal | undefined {
    if (!words.text('url') && !context.environment.GREENROOM_URL) {
      return undefined;
    }
    const { url, audience, environment } = settingsOf(words, context);
    const tokens = findTokenSource({ environment, audience });
    return tokens && new Portal(url, tokens);
  }

  constructor(url: string, tokens: TokenSource) {
    this.url = url;
    this.tokens = tokens;
    const discoveryApi = {
      getBaseUrl: async (pluginId: string) => `${url}/api/${pluginId}`,
    };
    const api = {
      discoveryApi,
      fetchApi: { fetch: this.#fetchWith(sendWhole) },
    };
    const ofFiles = {
      discoveryApi,
      fetchApi: { fetch: this.#fetchWith(sendForFile) },
    };
    this.registry = new AiRegistryClient(api);
    this.inference = new AiInferenceClient(api);
    this.training = new AiTrainingClient(api);
    this.files = {
      registry: new AiRegistryClient(ofFiles),
      training: new AiTrainingClient(ofFiles),
    };
  }

  #fetchWith(send: Send): typeof fetch {
    return (input, init = {}) => this.#patiently(send, input, init);
  }

  async #patiently(
    send: Send,
    input: FetchInput,
    init: RequestInit,
  ): Promise<Response> {
    const canRepeat =
      (init.method ?? 'GET') === 'GET' || SEARCHES.test(String(input));
    for (let attempt = 0; ; attempt++) {
      const pause = canRepeat ? RETRY_PAUSES_MILLIS[attempt] : undefined;
      try {
        const response = await this.#ask(send, input, init);
        if (!AWAY.includes(response.status) || pause === undefined) {
          return response;
        }
        await response.body?.cancel();
      } catch (error) {
        if (pause === undefined || !(error instanceof PortalAwayError)) {
          throw error;
        }
      }
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }

  async #ask(
    send: Send,
    input: FetchInput,
    init: RequestInit,
  ): Promise<Response> {
    const sendAs = async (token: string) => {
      const headers = new Headers(init.headers);
      headers.set('Authorization', `Bearer ${token}`);
      try {
        return await send(input, { ...init, headers });
      } catch (error) {
        init.signal?.throwIfAborted();
        throw new PortalAwayError(
          `${this.url} does not answer: ${reasonOf(error)}`,
        );
      }
    };
    const response = await sendAs(await this.tokens.token());
    const canSendAgain =
      init.body === undefined || typeof init.body === 'string';
    if (response.status !== 401 || !this.tokens.renews || !canSendAgain) {
      return response;
    }
    await response.body?.cancel();
    return sendAs(await this.tokens.token({ refused: true }));
  }
}

function settingsOf(words: Words, { environment }: CommandContext) {
  const text = words.text('url') ?? environment.GREENROOM_URL;
  if (!text) {
    throw usageError(
      'expected the address of the portal: --url, or GREENROOM_URL',
    );
  }
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(
      `the address of the portal is '${text}': expected one such as https://portal.example.com`,
    );
  }
  const url = text.replace(/\/+$/, '');
  const audience =
    words.text('audience') ?? environment.GREENROOM_AUDIENCE ?? url;
  return { url, audience, environment };
}

/** The innermost cause says most. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (Object(inner).cause) inner = Object(inner).cause;
  return Object(inner).message || String(inner);
}

/** What a refusal of the portal says, as a failure of the command; other errors as they are. */
export function asFailure(error: unknown): unknown {
  if (error instanceof PortalAwayError) return unreachable(error.message);
  const status = statusOf(error);
  if (status === undefined) return error;
  if (status === 401) {
    return failure(
      'the portal does not take the token: it has lapsed, or its log says why',
    );
  }
  const message = messageOf(error as Error);
  if (status === 404) return notFound(message);
  return AWAY.includes(status) ? unreachable(message) : failure(message);
}

function unreachable(message: string): CommandError {
  return new CommandError(message, EXIT_CODES.unreachable);
}

/** As the portal says it; MLflow's edge says it in MLflow's way, which ends the text of an error. */
function messageOf(error: Error): string {
  const { body } = error as { body?: { error?: { message?: string } } };
  const said = body?.error?.message ?? error.message;
  const [json] = /\{"error_code":.*\}$/s.exec(said) ?? [];
  try {
    const { message } = JSON.parse(json ?? '{}') as { message?: unknown };
    return typeof message === 'string' ? message : said;
  } catch {
    return said;
  }
}

/** The status of a refusal; undefined where it is another error. */
export function statusOf(error: unknown): number | undefined {
  const { name, statusCode } = Object(error) as {
    name?: unknown;
    statusCode?: unknown;
  };
  return name === 'ResponseError' && typeof statusCode === 'number'
    ? statusCode
    : undefined;
}

/** Whether it is worth asking again later: the portal is away, busy or being restarted. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return (
    error instanceof PortalAwayError ||
    status === 429 ||
    (status !== undefined && status >= 500)
  );
}
