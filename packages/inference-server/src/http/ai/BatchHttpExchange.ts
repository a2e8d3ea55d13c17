import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../../domain/DataPlane';
import type { Exchange } from '../../domain/Exchange';
import { InferenceError } from '../../domain/InferenceError';
import type { LanguageTask } from '../../domain/LanguageModel';
import type { Cancellation } from '../../domain/ModelRunner';
import { runTensors } from '../../domain/runTensors';
import { asTensors } from '../../domain/versionKinds';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import type { Logger } from '../../logger';
import { toOpenAiError, sendOpenAiError } from '../openai/errors';
import type { Front } from '../openai/Front';
import { frontOf } from '../openai/fronts';
import { logFallback } from '../openai/logFallback';
import { openLanguage } from '../openai/openLanguage';
import { decodeInferRequest } from '../openInference/decodeInferRequest';
import { InferResponseEncoder } from '../openInference/InferResponseEncoder';
import { parseTarget } from '../parseTarget';
import { discardBody, readBody } from '../readBody';
import { readCallHeaders, type CallHeaders } from '../readCallHeaders';
import { sendJson, STATUS_CLIENT_CLOSED, statusOf } from '../responses';
import { parseBatch, type BatchCall } from './parseBatch';

/** Calls of one batch that run at a time: a batch is not to crowd out other callers. */
const CONCURRENT_CALLS = 8;
/**
 * What a batch is counted as until it is answered. It has room of its own: batches for a model that
 * stands still are not to keep requests to other models from being read.
 */
const BATCHES = '(batches)';

export interface BatchContext {
  dataPlane: DataPlane;
  logger: Logger;
  maxBodyBytes: number;
  maxJsonValues: number;
  /** Longest time until an answer of a language model begins, whichever gives it. */
  answerWithinMillis: number;
}

/** How one call of a batch went. */
interface BatchResult {
  id: string;
  /** As the call would have been answered alone. */
  status: number;
  body: unknown;
  /** The model that was asked for, where another one answered in its place. */
  fallbackFrom?: string;
  /** By which an outcome names the call; left out where there can be none. */
  requestId?: string;
}

interface CallAnswer {
  body: unknown;
  fallbackFrom?: string;
}

/**
 * Carries several calls in one request. Each is admitted, limited, routed and recorded as if
 * it had come alone, and its failure is its own.
 */
export class BatchHttpExchange implements Cancellation {
  readonly #context: BatchContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  /** Of the whole batch: its calls to one model are answered by one variant. */
  readonly #said: CallHeaders;
  readonly #gone = new AbortController();

  constructor(
    context: BatchContext,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    // Each call is a request by itself.
    this.#said = { ...readCallHeaders(request.headers), requestId: undefined };
  }

  get cancelled(): boolean {
    return this.#gone.signal.aborted;
  }

  async answer(): Promise<void> {
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) this.#gone.abort();
    });
    try {
      const results = await this.#runAll();
      if (!this.cancelled) sendJson(this.#response, 200, { results });
    } catch (error) {
      this.#log(error);
      if (this.cancelled) return;
      discardBody(this.#request);
      sendOpenAiError(this.#response, error);
    }
  }

  async #runAll(): Promise<BatchResult[]> {
    const { admission } = this.#context.dataPlane;
    const ticket = admission.enter(
      admission.recognise(this.#said.credential),
      BATCHES,
      'ahead',
    );
    try {
      const body = await readBody(this.#request, {
        maxBytes: this.#context.maxBodyBytes,
        ticket,
      });
      const calls = parseBatch(body, this.#context.maxJsonValues);
      const results = new Array<BatchResult>(calls.length);
      let next = 0;
      const work = async () => {
        while (next < calls.length && !this.cancelled) {
          const index = next++;
          results[index] = await this.#run(calls[index]);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT_CALLS }, work));
      return results;
    } finally {
      ticket.leave();
    }
  }

  async #run(call: BatchCall): Promise<BatchResult> {
    let exchange: Exchange | undefined;
    const keep = (opened: Exchange) => {
      exchange = opened;
    };
    let status = 200;
    let body: unknown;
    let fallbackFrom: string | undefined;
    try {
      ({ body, fallbackFrom } = await this.#answerOne(call, keep));
    } catch (error) {
      status = statusOf(error);
      body = toOpenAiError(error);
      this.#log(error);
    }
    const requestId = exchange?.identify();
    exchange?.end(this.cancelled ? STATUS_CLIENT_CLOSED : status);
    return {
      id: call.id,
      status,
      body,
      ...(fallbackFrom !== undefined && { fallbackFrom }),
      ...(requestId !== undefined && { requestId }),
    };
  }

  async #answerOne(
    { path, body }: BatchCall,
    onExchange: (exchange: Exchange) => void,
  ): Promise<CallAnswer> {
    const target = parseTarget(path);
    const bytes = Buffer.from(JSON.stringify(body));
    if (target.kind === 'language') {
      if (Reflect.get(body, 'stream') === true) {
        throw new InvalidFieldError('stream', 'expected false in a batch');
      }
      return this.#ask(frontOf(target.form), bytes, onExchange);
    }
    if (target.kind === 'infer') {
      const exchange = this.#context.dataPlane.open(
        {
          ...this.#said,
          model: target.model,
          version: target.version ?? this.#said.version,
        },
        this,
      );
      onExchange(exchange);
      return { body: await this.#infer(exchange, bytes) };
    }
    throw new InferenceError(
      'not-found',
      `path "${path}" cannot be called in a batch: expected one that answers a POST, such as /ai/chat or /v2/models/NAME/infer`,
    );
  }

  async #ask<T extends LanguageTask>(
    front: Front<T>,
    body: Buffer,
    onExchange: (exchange: Exchange) => void,
  ): Promise<CallAnswer> {
    const { asking, answer, fallbackFrom } = await openLanguage(
      this.#context.dataPlane,
      {
        front,
        body,
        said: this.#said,
        peer: this,
        signal: this.#gone.signal,
        withinMillis: this.#context.answerWithinMillis,
        onExchange,
        onFallback: fallback => logFallback(this.#context.logger, fallback),
      },
    );
    if (answer.kind === 'whole') {
      return { body: asking.whole(answer.body), fallbackFrom };
    }
    throw new Error('a call that streams was refused before');
  }

  async #infer(exchange: Exchange, body: Buffer): Promise<unknown> {
    exchange.enter();
    exchange.hold(body.length);
    const served = asTensors(exchange.route());
    const { id, inputs, outputs, binary } = decodeInferRequest(
      body,
      undefined,
      served.signature,
      this.#context.maxJsonValues,
    );
    if (binary.byDefault || binary.byName) {
      throw new InferenceError(
        'invalid',
        'parameters: expected no binary outputs in a batch, which is JSON',
      );
    }
    exchange.identify(id);
    const result = await runTensors(exchange, inputs, outputs);
    const encoder = new InferResponseEncoder(served);
    return JSON.parse(encoder.encode(id, result, binary).json);
  }

  #log(error: unknown): void {
    if (statusOf(error) !== 500) return;
    this.#context.logger.error('a call of a batch failed', {
      error: error instanceof Error ? error.stack : String(error),
    });
  }
}
