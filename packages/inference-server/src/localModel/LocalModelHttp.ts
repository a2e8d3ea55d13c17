import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { errorMessage } from '../errors';
import {
  chatForms,
  completionForms,
  usageOf,
  type AnswerForms,
  type FinishReason,
} from './answers';
import { PromptTooLongError, SchemaError, type Engine } from './Engine';
import {
  readChat,
  readCompletion,
  RequestError,
  type TextRequest,
} from './requests';
import { StopTexts } from './StopTexts';
import { LeftLineError, LineFullError, WaitingLine } from './WaitingLine';
import { sendJson } from '../http/responses';

/** Seconds after which the line is shorter, perhaps. */
const RETRY_AFTER_SECONDS = 5;
const TASKS: Record<
  string,
  {
    read(body: unknown): TextRequest;
    forms(model: string): AnswerForms;
  }
> = {
  '/v1/chat/completions': { read: readChat, forms: chatForms },
  '/v1/completions': { read: readCompletion, forms: completionForms },
};

/** A request whose body was read. */
export interface ReadRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** An error that the caller is told. */
class HttpError extends Error {
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, message: string, code: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Holds white space back until something else follows. */
class TrailingSpace {
  #held = '';

  push(text: string): string {
    const all = this.#held + text;
    const said = all.trimEnd();
    this.#held = all.slice(said.length);
    return said;
  }
}

/** Answers as OpenAI's API does, with what an engine writes. */
export class LocalModelHttp {
  readonly #engine: Engine;
  readonly #model: string;
  readonly #authorization: Buffer;
  readonly #line: WaitingLine;

  constructor(options: {
    engine: Engine;
    /** What the model is called. */
    model: string;
    /** The one key that is taken. */
    key: string;
    /** Most requests that wait while one is answered. */
    maxWaiting: number;
  }) {
    this.#engine = options.engine;
    this.#model = options.model;
    this.#authorization = Buffer.from(`Bearer ${options.key}`);
    this.#line = new WaitingLine(options.maxWaiting);
  }

  /** Whether nobody is answered or waits. */
  get idle(): boolean {
    return this.#line.empty;
  }

  /** Answers a request, whatever happens. */
  async answer(request: ReadRequest, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      await this.#answer(request, response, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      this.#fail(response, error);
    }
  }

  async #answer(
    { method, path, headers, body }: ReadRequest,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    this.#authorize(headers.authorization);
    const [pathname] = path.split('?');
    if (method === 'GET' && pathname === '/v1/models') {
      const model = { id: this.#model, object: 'model', created: 0 };
      const data = [{ ...model, owned_by: 'local' }];
      sendJson(response, 200, { object: 'list', data });
      return;
    }
    const task = method === 'POST' ? TASKS[pathname] : undefined;
    if (task === undefined) {
      throw new HttpError(404, `this server does not answer ${method} ${path}`);
    }
    const asked = task.read(parse(body));
    if (asked.model !== this.#model) {
      throw new HttpError(
        404,
        `there is no model "${asked.model}" here: expected "${this.#model}"`,
        'model_not_found',
      );
    }
    const leave = await this.#line.enter(signal);
    try {
      await this.#write(asked, task.forms(this.#model), response, signal);
    } finally {
      leave();
    }
  }

  async #write(
    asked: TextRequest,
    forms: AnswerForms,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const stops = new StopTexts(asked.stops);
    let [input, output] = [0, 0];
    let finish: FinishReason = 'stop';
    let whole = '';
    const send = async (value: unknown) => {
      const line = `data: ${JSON.stringify(value)}\n\n`;
      if (!response.write(line)) await once(response, 'drain', { signal });
    };
    const say = async (text: string) => {
      if (!asked.streams) whole += text;
      else if (text !== '') await send(forms.part(text));
    };
    // What is written by a grammar ends with empty lines, which are no part of it.
    const isJson = asked.generation.schema !== undefined;
    const ends = isJson ? new TrailingSpace() : undefined;
    const pass = (text: string) => say(ends ? ends.push(text) : text);

    for await (const event of this.#engine.generate(asked.generation, signal)) {
      if (event.kind === 'prompt') {
        input = event.tokens;
        if (!asked.streams) continue;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const first = forms.first();
        if (first !== undefined) await send(first);
      } else if (event.kind === 'token') {
        output++;
        await pass(stops.push(event.text));
        if (stops.stopped) break;
      } else {
        finish = event.reason;
      }
    }
    if (signal.aborted) return;
    await pass(stops.end());
    const usage = usageOf(input, output);
    if (!asked.streams) {
      sendJson(response, 200, forms.whole(whole, finish, usage));
      return;
    }
    await send(forms.last(finish));
    if (asked.showsUsage) await send(forms.usage(usage));
    response.end('data: [DONE]\n\n');
  }

  #authorize(authorization: string | undefined): void {
    const given = Buffer.from(authorization ?? '');
    const right = this.#authorization;
    if (given.length === right.length && timingSafeEqual(given, right)) return;
    throw new HttpError(401, 'this key is not taken', 'invalid_api_key');
  }

  #fail(response: ServerResponse, error: unknown): void {
    const { status, code, param } = explain(error);
    const message = status === 500 ? 'it failed' : errorMessage(error);
    // The data plane's log gets what is written here.
    if (status === 500) console.error(errorMessage(error));
    const type = status < 500 ? 'invalid_request_error' : 'server_error';
    const body = { error: { message, type, param: param ?? null, code } };
    if (response.headersSent) {
      response.end(`data: ${JSON.stringify(body)}\n\n`);
      return;
    }
    sendJson(
      response,
      status,
      body,
      status === 429 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {},
    );
  }
}

function explain(error: unknown): {
  status: number;
  code: string | null;
  param?: string;
} {
  if (error instanceof HttpError) return error;
  if (error instanceof RequestError) {
    return { status: 400, code: null, param: error.param };
  }
  if (error instanceof SchemaError) {
    return { status: 400, code: null, param: 'response_format' };
  }
  if (error instanceof PromptTooLongError) {
    return { status: 400, code: 'context_length_exceeded' };
  }
  if (error instanceof LineFullError) {
    return { status: 429, code: 'rate_limit_exceeded' };
  }
  if (error instanceof LeftLineError) return { status: 499, code: null };
  return { status: 500, code: null };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new RequestError('the body is not valid JSON');
  }
}
