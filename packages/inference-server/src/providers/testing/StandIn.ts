import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

/** A request as a stand-in of a service got it. */
export interface ReceivedCall {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** The body as JSON; undefined when it is none. */
  json: any;
  /** Whether the caller closed the connection before the answer was whole, and when. */
  abortedAtMillis: number | undefined;
}

/** What a stand-in does with a call. */
export type Script = (
  call: ReceivedCall,
  response: ServerResponse,
) => void | Promise<void>;

/** A service on a real socket that does what a test says, and keeps what it was asked. */
export class StandIn {
  readonly calls: ReceivedCall[] = [];
  script: Script;
  readonly #server: Server;
  /** Answers questions that are no calls of the model, which are not kept then. */
  answersGet: Script | undefined;

  constructor(script: Script) {
    this.script = script;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(error => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = await buffer(request);
    const call: ReceivedCall = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      json: parse(body),
      abortedAtMillis: undefined,
    };
    response.on('close', () => {
      if (!response.writableFinished) call.abortedAtMillis = performance.now();
    });
    if (call.method === 'GET' && this.answersGet) {
      await this.answersGet(call, response);
      return;
    }
    this.calls.push(call);
    await this.script(call, response);
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

export { sendJson } from '../../http/responses';

/** Sends bytes in pieces of random lengths, cut within events and characters too. */
export async function sendInPieces(
  response: ServerResponse,
  bytes: Buffer,
  random: () => number = Math.random,
): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + Math.floor(random() * 40);
    response.write(bytes.subarray(start, end));
    start = end;
    await setTimeout(0);
  }
}
