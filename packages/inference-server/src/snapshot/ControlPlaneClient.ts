import type { Readable } from 'node:stream';
import type {
  AccessDocument,
  DataPlaneReportReceipt,
  EvaluationReply,
  EvaluationReport,
  EvaluationWork,
  SentDataPlaneReport,
} from '@greenroom/plugin-ai-inference-common';
import type { TrainingControlPlane } from '../http/training/forwardTraining';
import type { WantedRoutes } from '../domain/WantedRoute';
import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { ControlPlaneAnswerError } from './controlPlaneFailure';
import type { ControlPlaneToken } from './controlPlaneToken';
import { parseAccess, parseRoutesInTurns } from './parseDocuments';
import {
  parseEvaluationReply,
  parseEvaluationWork,
} from './parseEvaluationWork';

/**
 * Longest wait for the control plane to begin an answer, beyond what it was asked to wait, and
 * between two pieces of it.
 */
const TIMEOUT_MILLIS = 10_000;

/** Longest wait for what a caller asks: submitting a job has the registry asked, too. */
const FORWARD_MILLIS = 30_000;

const receiptSchema: z.ZodType<DataPlaneReportReceipt> = z.object({
  known: z.boolean(),
  dataPlanes: z.int().min(0).optional(),
  tokenLeases: z
    .array(
      z.object({
        keyId: z.string(),
        day: z.string(),
        tokens: z.number().min(0),
        usedByAll: z.number().min(0),
      }),
    )
    .optional(),
});

/** Asks the control plane for documents and artifacts, and reports to it. */
export class ControlPlaneClient {
  readonly #baseUrl: URL;
  readonly #token: ControlPlaneToken;
  readonly #environment: string;
  readonly #dispatcher: Dispatcher | undefined;

  constructor(options: {
    /** Base URL of the control plane, such as `http://localhost:7007`. */
    url: string;
    token: ControlPlaneToken;
    environment: string;
    dispatcher?: Dispatcher;
  }) {
    this.#baseUrl = new URL(options.url);
    this.#token = options.token;
    this.#environment = options.environment;
    this.#dispatcher = options.dispatcher;
  }

  /**
   * What to serve.
   *
   * @param knownId - of the document that is there already
   * @param waitSeconds - how long to wait for another one
   * @returns undefined when that one is still the current one.
   */
  async fetchRoutes(options: {
    knownId?: string;
    waitSeconds: number;
    signal?: AbortSignal;
  }): Promise<WantedRoutes | undefined> {
    const { knownId } = options;
    const value = await this.#fetchDocument('routes', {
      ...options,
      headers: knownId === undefined ? {} : { 'if-none-match': `"${knownId}"` },
    });
    return value === undefined
      ? undefined
      : parseRoutesInTurns(value, this.#environment);
  }

  /**
   * Who may call.
   *
   * @param since - cursor of the document that is there already; undefined for all keys
   * @param waitSeconds - how long to wait for a change
   * @returns undefined when nothing has changed.
   */
  async fetchAccess(options: {
    since?: string;
    waitSeconds: number;
    signal?: AbortSignal;
  }): Promise<AccessDocument | undefined> {
    const value = await this.#fetchDocument('access', options);
    return value === undefined
      ? undefined
      : parseAccess(value, this.#environment);
  }

  /** Tells how this data plane is. */
  async report(
    report: SentDataPlaneReport,
    signal?: AbortSignal,
  ): Promise<DataPlaneReportReceipt> {
    const response = await this.#post(this.#environmentUrl('reports'), report, {
      headersTimeout: TIMEOUT_MILLIS,
      signal,
    });
    if (response.statusCode !== 200) {
      throw await unexpected('to take a report', response);
    }
    return receiptSchema.parse(await response.body.json());
  }

  /**
   * A run of prompts to work on, as soon as there is one.
   *
   * @returns undefined when there was none for so long
   */
  async takeEvaluation(options: {
    producer: string;
    waitSeconds: number;
    signal?: AbortSignal;
  }): Promise<EvaluationWork | undefined> {
    const { producer, waitSeconds, signal } = options;
    const response = await this.#post(
      this.#evaluationUrl(),
      { producer, waitSeconds },
      { headersTimeout: waitSeconds * 1_000 + TIMEOUT_MILLIS, signal },
    );
    if (response.statusCode === 204) {
      await response.body.dump();
      return undefined;
    }
    if (response.statusCode !== 200) {
      throw await unexpected('for prompts to ask', response);
    }
    return parseEvaluationWork(await response.body.json());
  }

  /** Tells what became of prompts, and gets more of them. */
  async reportEvaluation(
    id: string,
    report: EvaluationReport,
    signal?: AbortSignal,
  ): Promise<EvaluationReply> {
    const response = await this.#post(this.#evaluationUrl(id), report, {
      headersTimeout: TIMEOUT_MILLIS,
      signal,
    });
    if (response.statusCode !== 200) {
      throw await unexpected('to take answers to prompts', response);
    }
    return parseEvaluationReply(await response.body.json());
  }

  /** Asks about training jobs in the name of a key's holder. The caller reads or destroys the body. */
  async forwardTraining({
    method,
    path,
    headers,
    body,
    holder,
    isLong,
    signal,
  }: Parameters<TrainingControlPlane['forwardTraining']>[0]): ReturnType<
    TrainingControlPlane['forwardTraining']
  > {
    const environment = encodeURIComponent(this.#environment);
    const url = this.#url(
      `/api/ai-training/edge/environments/${environment}/jobs${path}`,
    );
    const response = await request(url, {
      method,
      headers: {
        ...headers,
        ...this.#headers(),
        'x-greenroom-key-id': holder.keyId,
        'x-greenroom-key-owner': holder.owner,
      },
      body,
      headersTimeout: FORWARD_MILLIS,
      // What is followed says at least every 15 seconds that it is still there.
      bodyTimeout: isLong ? FORWARD_MILLIS * 2 : TIMEOUT_MILLIS,
      dispatcher: this.#dispatcher,
      signal,
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      body: response.body,
    };
  }

  /** Opens an artifact's bytes. The caller reads or destroys the stream. */
  async openArtifact(path: string, signal?: AbortSignal): Promise<Readable> {
    const response = await request(this.#url(path), {
      headers: this.#headers(),
      headersTimeout: TIMEOUT_MILLIS,
      bodyTimeout: TIMEOUT_MILLIS,
      dispatcher: this.#dispatcher,
      signal,
    });
    if (response.statusCode !== 200) {
      throw await unexpected('for an artifact', response);
    }
    return response.body;
  }

  async #fetchDocument(
    name: string,
    options: {
      since?: string;
      waitSeconds: number;
      headers?: Record<string, string>;
      signal?: AbortSignal;
    },
  ): Promise<unknown> {
    const { since, waitSeconds, headers, signal } = options;
    const url = this.#environmentUrl(name);
    url.searchParams.set('wait', String(waitSeconds));
    if (since !== undefined) url.searchParams.set('since', since);
    const response = await request(url, {
      headers: { ...this.#headers(), ...headers },
      headersTimeout: waitSeconds * 1_000 + TIMEOUT_MILLIS,
      bodyTimeout: TIMEOUT_MILLIS,
      dispatcher: this.#dispatcher,
      signal,
    });
    if (response.statusCode === 304) {
      await response.body.dump();
      return undefined;
    }
    if (response.statusCode !== 200) {
      throw await unexpected(`for ${name}`, response);
    }
    return response.body.json();
  }

  #post(
    url: URL,
    body: object,
    options: { headersTimeout: number; signal?: AbortSignal },
  ): Promise<Dispatcher.ResponseData> {
    return request(url, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      bodyTimeout: TIMEOUT_MILLIS,
      dispatcher: this.#dispatcher,
      ...options,
    });
  }

  #evaluationUrl(run?: string): URL {
    const environment = encodeURIComponent(this.#environment);
    const suffix = run === undefined ? '' : `/${encodeURIComponent(run)}`;
    return this.#url(
      `/api/ai-registry/environments/${environment}/evaluation-work${suffix}`,
    );
  }

  #environmentUrl(name: string): URL {
    const environment = encodeURIComponent(this.#environment);
    return this.#url(`/api/ai-inference/environments/${environment}/${name}`);
  }

  /** @throws Error when the path would lead, with our token, to another host. */
  #url(path: string): URL {
    const url = new URL(path, this.#baseUrl);
    if (url.origin !== this.#baseUrl.origin) {
      throw new Error(`"${path}" leads away from the control plane`);
    }
    return url;
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token()}` };
  }
}

async function unexpected(
  what: string,
  response: Dispatcher.ResponseData,
): Promise<Error> {
  const text = await response.body.text();
  return new ControlPlaneAnswerError(
    response.statusCode,
    `the control plane answered ${
      response.statusCode
    } when asked ${what}: ${text.slice(0, 300)}`,
  );
}
