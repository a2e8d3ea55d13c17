import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, type Caller } from '../authenticate';
import { answerGraphql } from '../routes/answerGraphql';
import type { Route, World } from '../routes/Route';
import { type Answer, notFound, Refusal } from './answers';
import type { ApiDescription } from './ApiDescription';
import type { Fault, Faults } from './Faults';

const HOURLY_LIMIT = 5_000;
const MOST_BODY_BYTES = 4 * 1024 * 1024;

class FaultAnswer extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('fault');
    this.answer = answer;
  }
}

/** A request that was answered, for tests that count them. */
export interface AnsweredRequest {
  method: string;
  path: string;
  status: number;
  query: string;
}

/** The API: finds the route, asks who calls, holds everything against GitHub's own description. */
export class ApiServer {
  readonly requests: AnsweredRequest[] = [];
  /** What was not as GitHub describes it. */
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #routes: Route[];
  readonly #faults: Faults;
  readonly #description: ApiDescription | undefined;
  #used = 0;

  constructor(options: {
    world: World;
    routes: Route[];
    faults: Faults;
    description: ApiDescription | undefined;
  }) {
    this.#world = options.world;
    this.#routes = options.routes;
    this.#faults = options.faults;
    this.#description = options.description;
  }

  /** @param path - below the API's base URL */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    { path, query }: { path: string; query: URLSearchParams },
  ): Promise<void> {
    const method = request.method ?? 'GET';
    const text = await readBody(request);
    const fault = this.#faults.take({ method, path });
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'slow') {
      await new Promise(resolve => setTimeout(resolve, fault.millis));
    }
    let answer: Answer;
    try {
      if (fault) throwFault(fault);
      const { authorization } = request.headers;
      const caller = authenticate(this.#world.state, authorization);
      answer = await this.#answer({ method, path, query, text, caller });
    } catch (error) {
      answer = toAnswer(error);
    }
    const sent = this.#asIsWanted(request, answer);
    this.requests.push({
      method,
      path,
      status: sent.status,
      query: query.toString(),
    });
    if (fault?.kind === 'cut-after') {
      response.destroy();
      return;
    }
    response.writeHead(sent.status, sent.headers);
    response.end(
      sent.status === 304 || sent.body === undefined
        ? undefined
        : JSON.stringify(sent.body),
    );
  }

  async #answer(call: {
    method: string;
    path: string;
    query: URLSearchParams;
    text: string;
    caller: Caller;
  }): Promise<Answer> {
    const { method, path, query, text, caller } = call;
    const body = text ? JSON.parse(text) : undefined;
    if (method === 'POST' && path === '/graphql') {
      return answerGraphql(this.#world, body);
    }
    const { state } = this.#world;
    const found = this.#find(method, path);
    if (!found) throw notFound();
    const { route, params } = found;
    const here = [state.owner, state.repository];
    if (params.owner && `${here}` !== `${[params.owner, params.repo]}`) {
      throw notFound();
    }
    const wrong =
      this.#description?.explainRequest(route, { query, body }) ?? [];
    if (wrong.length > 0) {
      this.#note(route, wrong);
      throw new Refusal(422, wrong.join('; '));
    }
    checkPermission(route, caller, state.app.permissions);
    let answer: Answer;
    try {
      answer = await route.handle(this.#world, {
        caller,
        params,
        query,
        body: body ?? {},
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = toAnswer(error);
    }
    this.#note(
      route,
      this.#description?.explainResponse(route, {
        status: answer.status,
        body: answer.body,
      }) ?? [],
    );
    return answer;
  }

  #note(route: Route, problems: string[]): void {
    this.violations.push(
      ...problems.map(
        problem => `${route.method} ${route.template}: ${problem}`,
      ),
    );
  }

  #find(
    method: string,
    path: string,
  ): { route: Route; params: Record<string, string> } | undefined {
    const parts = path.split('/');
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const names = route.template.split('/');
      if (names.length !== parts.length) continue;
      const params: Record<string, string> = {};
      const fits = names.every((name, index) => {
        if (!name.startsWith('{')) return name === parts[index];
        params[name.slice(1, -1)] = decodeURIComponent(parts[index]);
        return true;
      });
      if (fits) return { route, params };
    }
    return undefined;
  }

  /** An answer that the caller has already costs nothing. */
  #asIsWanted(
    request: IncomingMessage,
    answer: Answer,
  ): Answer & { headers: Record<string, string> } {
    const headers: Record<string, string> = {
      'content-type': 'application/json; charset=utf-8',
      date: new Date().toUTCString(),
      ...answer.headers,
    };
    if (request.method === 'GET' && answer.status === 200) {
      const digest = createHash('sha256')
        .update(JSON.stringify([answer.body, answer.headers]))
        .digest('hex');
      headers.etag = `W/"${digest}"`;
    }
    const isKnown =
      headers.etag !== undefined &&
      request.headers['if-none-match'] === headers.etag;
    if (!isKnown) this.#used += 1;
    headers['x-ratelimit-limit'] ??= String(HOURLY_LIMIT);
    headers['x-ratelimit-remaining'] ??= String(HOURLY_LIMIT - this.#used);
    return isKnown ? { status: 304, headers } : { ...answer, headers };
  }
}

function throwFault(fault: Fault): void {
  const nowSeconds = Math.floor(Date.now() / 1000);
  switch (fault.kind) {
    case 'rate-limit':
      throw new FaultAnswer({
        status: 403,
        body: { message: 'API rate limit exceeded for installation ID 1.' },
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(nowSeconds + fault.resetInSeconds),
        },
      });
    case 'secondary-rate-limit':
      throw new FaultAnswer({
        status: 403,
        body: {
          message:
            'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        },
        headers:
          fault.retryAfterSeconds === undefined
            ? {}
            : { 'retry-after': String(fault.retryAfterSeconds) },
      });
    case 'refuse':
      throw new Refusal(fault.status, fault.message);
    default:
  }
}

function toAnswer(error: unknown): Answer {
  if (error instanceof FaultAnswer) return error.answer;
  if (!(error instanceof Refusal)) {
    const message = error instanceof Error ? error.stack : String(error);
    return { status: 500, body: { message } };
  }
  const { status, message, details } = error;
  return {
    status,
    body: {
      message,
      documentation_url: 'https://docs.github.com/rest',
      ...details,
    },
  };
}

function checkPermission(
  route: Route,
  caller: Caller,
  granted: World['state']['app']['permissions'],
): void {
  if (route.forApp) {
    if (caller.kind !== 'app') {
      throw new Refusal(401, 'A JSON web token could not be decoded');
    }
    return;
  }
  if (caller.kind === 'app') throw new Refusal(401, 'Bad credentials');
  if (caller.kind === 'user') return;
  for (const [name, level] of Object.entries(route.needs ?? {})) {
    const has = granted[name];
    if (!has || (level === 'write' && has === 'read')) {
      throw new Refusal(403, 'Resource not accessible by integration');
    }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > MOST_BODY_BYTES) throw new Error('The body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
