import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../../domain/DataPlane';
import { asFields } from '../../domain/DeprecationNotices';
import type { Exchange } from '../../domain/Exchange';
import type { LanguageAnswer, LanguageTask } from '../../domain/LanguageModel';
import type { Cancellation } from '../../domain/ModelRunner';
import type { Logger } from '../../logger';
import { discardBody, readBody } from '../readBody';
import { readCallHeaders } from '../readCallHeaders';
import { statusOf, STATUS_CLIENT_CLOSED } from '../responses';
import { sendOpenAiError } from './errors';
import type { Asking, Front } from './Front';
import { limitHeaders } from './limitHeaders';
import { logFallback } from './logFallback';
import { openLanguage } from './openLanguage';

/** How often it is looked whether the key of a running answer is still good. */
const KEY_CHECK_MILLIS = 1_000;
/** What is counted as being read, until the body says which model it is for. */
const READING = '(requests being read)';

/** What all language exchanges of a server share. */
export interface LanguageContext {
  dataPlane: DataPlane;
  logger: Logger;
  maxBodyBytes: number;
  /** Longest time until an answer begins, whichever model gives it. */
  answerWithinMillis: number;
}

/** Carries one request to a language model over HTTP, in the form of OpenAI's API. */
export class LanguageHttpExchange<T extends LanguageTask>
  implements Cancellation
{
  readonly #context: LanguageContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #front: Front<T>;
  /** Aborted when the caller goes away. */
  readonly #gone = new AbortController();
  #exchange: Exchange | undefined;
  /** Of the model that was asked for, whichever answers in the end. */
  #first: Exchange | undefined;
  #keyCheckedMillis = performance.now();

  constructor(
    context: LanguageContext,
    request: IncomingMessage,
    response: ServerResponse,
    front: Front<T>,
  ) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#front = front;
  }

  /** Whether the caller has closed the connection. */
  get cancelled(): boolean {
    return this.#gone.signal.aborted;
  }

  /** Answers it, whatever happens. */
  async answer(): Promise<void> {
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) this.#gone.abort();
    });
    let status: number;
    try {
      status = await this.#answer();
    } catch (error) {
      status = this.#fail(error);
    }
    this.#exchange?.end(this.cancelled ? STATUS_CLIENT_CLOSED : status);
  }

  async #answer(): Promise<number> {
    const { dataPlane } = this.#context;
    const said = readCallHeaders(this.#request.headers);
    const caller = dataPlane.admission.recognise(said.credential);
    const reading = dataPlane.admission.enter(caller, READING, 'ahead');
    const body = await readBody(this.#request, {
      maxBytes: this.#context.maxBodyBytes,
      ticket: reading,
    }).finally(() => reading.leave());
    const opened = await openLanguage(dataPlane, {
      front: this.#front,
      body,
      said,
      peer: this,
      signal: this.#gone.signal,
      withinMillis: this.#context.answerWithinMillis,
      onExchange: exchange => {
        this.#exchange = exchange;
        this.#first ??= exchange;
      },
      onFallback: fallback => logFallback(this.#context.logger, fallback),
    });
    const { served, asking, answer, payload, fallbackFrom, limits } = opened;
    this.#tellBeside();
    this.#response.setHeader('X-Greenroom-Model', served.model);
    this.#response.setHeader('X-Greenroom-Version', served.version);
    for (const [name, value] of Object.entries(limitHeaders(limits))) {
      this.#response.setHeader(name, value);
    }
    if (fallbackFrom !== undefined) {
      this.#response.setHeader('X-Greenroom-Fallback-From', fallbackFrom);
    }
    if (answer.kind === 'whole') {
      this.#sendWhole(asking.whole(answer.body));
      return 200;
    }
    try {
      return await this.#sendStream(answer, asking);
    } finally {
      payload.tokens = answer.tokens();
    }
  }

  #sendWhole(body: object): void {
    const text = JSON.stringify(body);
    this.#response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    });
    this.#response.end(text);
  }

  /** @returns the status to record: that of an error after the answer began is not the caller's 200 */
  async #sendStream(
    answer: Extract<LanguageAnswer<T>, { kind: 'stream' }>,
    asking: Asking<T>,
  ): Promise<number> {
    const response = this.#response;
    const writer = asking.stream();
    const iterator = answer.chunks[Symbol.asyncIterator]();
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache',
      // Proxies that gather answers are asked not to.
      'X-Accel-Buffering': 'no',
    });
    try {
      let next = await iterator.next();
      for (; !next.done; next = await iterator.next()) {
        if (this.cancelled) return STATUS_CLIENT_CLOSED;
        this.#checkKey();
        if (!response.write(writer.chunk(next.value))) {
          await once(response, 'drain', { signal: this.#gone.signal });
        }
      }
    } catch (error) {
      if (this.cancelled) return STATUS_CLIENT_CLOSED;
      response.end(writer.fail(error));
      this.#log(error);
      return statusOf(error);
    } finally {
      await iterator.return?.();
    }
    response.end(writer.end());
    return 200;
  }

  /**
   * A key that was revoked while the answer is on its way ends it.
   *
   * @throws InferenceError `unauthenticated` or `forbidden`
   */
  #checkKey(): void {
    const nowMillis = performance.now();
    if (nowMillis - this.#keyCheckedMillis < KEY_CHECK_MILLIS) return;
    this.#keyCheckedMillis = nowMillis;
    if (!this.#exchange) return;
    const { credential, model, fallback } = this.#exchange.asked;
    const { admission } = this.#context.dataPlane;
    const caller = admission.recognise(credential);
    admission.authorize(caller, fallback?.from ?? model);
  }

  #fail(error: unknown): number {
    const response = this.#response;
    this.#log(error);
    if (this.cancelled || response.headersSent) {
      response.destroy();
      return STATUS_CLIENT_CLOSED;
    }
    discardBody(this.#request);
    this.#tellBeside();
    return sendOpenAiError(response, error);
  }

  /** Says by which id an outcome names the request, where there can be one, and what is deprecated of it. */
  #tellBeside(): void {
    const requestId = this.#exchange?.identify();
    if (requestId !== undefined) {
      this.#response.setHeader('X-Request-Id', requestId);
    }
    const deprecation = asFields(this.#first?.deprecation);
    for (const [name, value] of Object.entries(deprecation)) {
      this.#response.setHeader(name, value);
    }
  }

  #log(error: unknown): void {
    const status = statusOf(error);
    if (status < 500 || status === 503) return;
    const { asked, served } = this.#exchange ?? {};
    const isInstead = asked?.fallback !== undefined;
    this.#context.logger.error('a request to a language model failed', {
      model: isInstead ? asked.fallback?.from : asked?.model,
      version: isInstead ? undefined : served?.version,
      error:
        status === 500 && error instanceof Error ? error.stack : String(error),
    });
  }
}
