import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  InputError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  type ExplainResponse,
  HEADER_ASSIGNMENT_ID,
  HEADER_UNCOUNTED,
  type InferRequest,
  type InferResponse,
  LANGUAGE_PATHS,
  type LanguageTask,
} from '@greenroom/plugin-ai-inference-common';
import type { DataPlaneFinder, PlaygroundTarget } from './DataPlaneFinder';
import { mapUpstreamError } from './mapUpstreamError';
import type { PlaygroundKey } from './PlaygroundKey';

export interface PlaygroundCall<T> extends PlaygroundTarget {
  /** Keeps a caller on one variant during a rollout; the caller's entity ref when undefined. */
  assignmentId?: string;
  request: T;
}

/** What is asked of a language model, as in OpenAI's API but for `model`; the data plane says what is wrong with it. */
export interface LanguageCall extends PlaygroundCall<Record<string, unknown>> {
  task: LanguageTask;
}

export interface PlaygroundCallOptions {
  credentials: BackstageCredentials;
  /** Aborts when the caller has gone away. */
  signal: AbortSignal;
}

export interface PlaygroundServiceOptions {
  finder: Pick<DataPlaneFinder, 'find'>;
  key: Pick<PlaygroundKey, 'secret'>;
  /** Longest time until the data plane has answered, or has begun to tell an answer of a language model. */
  timeoutMillis: number;
  /** Calls a data plane. */
  fetch: typeof fetch;
}

/**
 * Tries a model on behalf of somebody in the portal. Wakes the environment's data plane when it sleeps, and
 * waits until it has loaded the model.
 */
export class PlaygroundService {
  readonly #options: PlaygroundServiceOptions;

  constructor(options: PlaygroundServiceOptions) {
    this.#options = options;
  }

  /**
   * @throws InputError or NotFoundError with the data plane's own sentence
   * @throws ServiceUnavailableError when no data plane is online, or it does not answer in time
   */
  async infer(
    call: PlaygroundCall<InferRequest>,
    options: PlaygroundCallOptions,
  ): Promise<InferResponse> {
    return this.#send(call, pathOf(call, 'infer'), {
      ...options,
      read: response => response.json(),
    });
  }

  /** @throws as {@link infer} does */
  async explain(
    call: PlaygroundCall<InferRequest>,
    options: PlaygroundCallOptions,
  ): Promise<ExplainResponse> {
    return this.#send(call, pathOf(call, 'explain'), {
      ...options,
      read: response => response.json(),
    });
  }

  /**
   * Asks a language model.
   *
   * @returns the data plane's answer, whose body may be a stream of events that goes on
   * @throws as {@link infer} does, as long as nothing was answered
   */
  async ask(
    call: LanguageCall,
    options: PlaygroundCallOptions,
  ): Promise<Response> {
    if ('model' in call.request) {
      throw new InputError('model: leave it out, the address names it');
    }
    const { model, version } = call;
    const named = version === undefined ? model : `${model}@${version}`;
    return this.#send(
      { ...call, request: { ...call.request, model: named } },
      LANGUAGE_PATHS[call.task],
      { ...options, read: async response => response },
    );
  }

  async #send<T>(
    call: PlaygroundCall<unknown>,
    path: string,
    {
      credentials,
      signal,
      read,
    }: PlaygroundCallOptions & {
      /** What has to be there in time. */
      read(response: Response): Promise<T>;
    },
  ): Promise<T> {
    const { finder, key, timeoutMillis } = this.#options;
    const publicUrl = await finder.find(call, signal);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMillis);
    try {
      const response = await this.#options.fetch(
        `${publicUrl.replace(/\/+$/, '')}${path}`,
        {
          method: 'POST',
          headers: {
            Authorization: `Bearer ${key.secret}`,
            'Content-Type': 'application/json',
            // During a rollout a person stays on one variant.
            [HEADER_ASSIGNMENT_ID]: call.assignmentId ?? userRefOf(credentials),
            // Who tries a model out is none of those whom versions are compared by.
            [HEADER_UNCOUNTED]: '1',
          },
          body: JSON.stringify(call.request),
          signal: AbortSignal.any([signal, late.signal]),
        },
      );
      if (response.ok) return await read(response);
      throw mapUpstreamError(response.status, await response.text());
    } catch (error) {
      throw explain(error, {
        publicUrl,
        lateMillis: late.signal.aborted ? timeoutMillis : undefined,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function explain(
  error: unknown,
  {
    publicUrl,
    lateMillis,
  }: { publicUrl: string; lateMillis: number | undefined },
): unknown {
  if (lateMillis !== undefined) {
    return new ServiceUnavailableError(
      `The data plane at ${publicUrl} did not answer within ${
        lateMillis / 1_000
      } seconds: try again`,
    );
  }
  // What fetch throws; the others are answers already.
  if (!(error instanceof TypeError)) return error;
  return new ServiceUnavailableError(
    `The data plane at ${publicUrl} cannot be reached: ${
      toError(error).message
    }`,
  );
}

function pathOf(
  { model, version }: PlaygroundTarget,
  what: 'infer' | 'explain',
): string {
  const versioned = version === undefined ? '' : `/versions/${version}`;
  return `/v2/models/${encodeURIComponent(model)}${versioned}/${what}`;
}
