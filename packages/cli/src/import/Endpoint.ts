import { setTimeout } from 'node:timers/promises';

/** MLflow's own client waits as long for an answer. */
const TIMEOUT_MILLIS = 120_000;
/** For files, which are as large as they are. */
const FILE_TIMEOUT_MILLIS = 60 * 60_000;
/** Pauses before a call is tried again, in those that the caller counts by. */
const PAUSES = [1, 4, 16];
const LONGEST_PAUSE_MILLIS = 60_000;
/** So many calls in a row that nobody answers, each tried several times, and it is given up. */
const MOST_IN_VAIN = 5;
const NOT_IMPLEMENTED = 501;

/** A server does not answer, though it was asked several times. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
  /** Nothing more is worth asking. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** It may be better the next time. */
class PassingError extends Error {
  readonly afterMillis?: number;

  constructor(message: string, afterMillis?: number) {
    super(message);
    this.afterMillis = afterMillis;
  }
}

/** A server says no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Who calls. */
export interface Authorization {
  /** Whether a refused one can be replaced. */
  readonly renews: boolean;
  /** The header's value; undefined where none is sent. */
  header(options: { refused: boolean }): Promise<string | undefined>;
}

/** What is asked of a server. */
export interface Question {
  /** Below the address, encoded. */
  path: string;
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  body?: object;
  /** Whether it may be asked twice where the first answer is lost; it may when this is left out. */
  canRepeat?: boolean;
}

/** A server that is asked with patience: each call has a time limit, is tried some times again, and ends with the signal. */
export class Endpoint {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #name: string;
  readonly #tokens: Authorization;
  readonly #signal: AbortSignal;
  readonly #pauseMillis: number;
  #inVain = 0;

  constructor(options: {
    url: string;
    /** As messages call it. */
    name: string;
    tokens: Authorization;
    signal: AbortSignal;
    /** Before the second try; longer before later ones. */
    pauseMillis: number;
  }) {
    this.url = options.url;
    this.#name = options.name;
    this.#tokens = options.tokens;
    this.#signal = options.signal;
    this.#pauseMillis = options.pauseMillis;
  }

  /**
   * @throws RefusedError when the server says no
   * @throws AwayError when it does not answer
   */
  async json<T>(method: string, question: Question): Promise<T> {
    const { body, canRepeat } = question;
    return this.#patiently(
      async () => {
        const response = await this.#send(this.#addressOf(question), {
          method,
          ...(body && {
            body: JSON.stringify(body),
            headers: { 'Content-Type': 'application/json' },
          }),
        });
        return this.#read<T>(response);
      },
      { canRepeat },
    );
  }

  /** Sends a file of this server to another one, as a stream; both are asked again when it breaks off. @returns its bytes */
  async copyTo(
    path: string,
    other: { endpoint: Endpoint; path: string },
  ): Promise<number> {
    return this.#patiently(async () => {
      const { body } = await this.#send(this.#addressOf({ path }), {
        method: 'GET',
        timeoutMillis: FILE_TIMEOUT_MILLIS,
      });
      let bytes = 0;
      const counted = body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            bytes += chunk.length;
            controller.enqueue(chunk);
          },
        }),
      );
      const { endpoint } = other;
      const answer = await endpoint.#send(endpoint.#addressOf(other), {
        method: 'PUT',
        timeoutMillis: FILE_TIMEOUT_MILLIS,
        headers: { 'Content-Type': 'application/octet-stream' },
        body: counted ?? '',
      });
      await answer.body?.cancel();
      return bytes;
    });
  }

  /** What the answer says; it may break off, and it may be somebody else's. */
  async #read<T>(response: Response): Promise<T> {
    const text = await response.text().catch(error => {
      throw new PassingError(`${this.#name} breaks off: ${reasonOf(error)}`);
    });
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new RefusedError(
        response.status,
        `${
          this.#name
        } answers with something else than JSON: expected the address of the server itself, without the path of a page`,
      );
    }
  }

  async #patiently<T>(
    ask: () => Promise<T>,
    { canRepeat = true }: { canRepeat?: boolean } = {},
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      this.#signal.throwIfAborted();
      try {
        const answer = await ask();
        this.#inVain = 0;
        return answer;
      } catch (error) {
        this.#signal.throwIfAborted();
        const pause = canRepeat ? PAUSES[attempt] : undefined;
        if (!(error instanceof PassingError)) throw error;
        if (pause === undefined) throw this.#giveUp(error);
        await this.#wait(error.afterMillis ?? pause * this.#pauseMillis);
      }
    }
  }

  #giveUp({ message }: PassingError): AwayError {
    this.#inVain += 1;
    return new AwayError(message, this.#inVain >= MOST_IN_VAIN);
  }

  async #wait(millis: number): Promise<void> {
    const pause = Math.min(millis, LONGEST_PAUSE_MILLIS);
    try {
      await setTimeout(pause, undefined, { signal: this.#signal });
    } finally {
      this.#signal.throwIfAborted();
    }
  }

  async #send(
    address: URL,
    init: {
      method: string;
      body?: string | ReadableStream<Uint8Array>;
      headers?: Record<string, string>;
      timeoutMillis?: number;
    },
  ): Promise<Response> {
    const { timeoutMillis = TIMEOUT_MILLIS, headers, ...rest } = init;
    const isStream = rest.body !== undefined && typeof rest.body !== 'string';
    const send = async (refused: boolean) => {
      const authorization = await this.#tokens.header({ refused });
      try {
        return await fetch(address, {
          ...rest,
          ...(isStream && { duplex: 'half' }),
          headers: {
            ...headers,
            ...(authorization && { Authorization: authorization }),
          },
          signal: AbortSignal.any([
            this.#signal,
            AbortSignal.timeout(timeoutMillis),
          ]),
        });
      } catch (error) {
        throw new PassingError(
          `${this.#name} does not answer: ${reasonOf(error)}`,
        );
      }
    };
    let response = await send(false);
    if (response.status === 401 && this.#tokens.renews && !isStream) {
      await response.body?.cancel();
      response = await send(true);
    }
    if (response.ok) return response;
    throw await this.#toError(response);
  }

  async #toError(response: Response): Promise<Error> {
    const { status } = response;
    const said = messageIn(await response.text().catch(() => ''));
    const message = `${this.#name} answers ${status}${said && `: ${said}`}`;
    if (status !== 429 && (status < 500 || status === NOT_IMPLEMENTED)) {
      return new RefusedError(status, message);
    }
    const seconds = Number(response.headers.get('Retry-After') ?? NaN);
    return new PassingError(
      message,
      seconds >= 0 ? seconds * 1_000 : undefined,
    );
  }

  #addressOf({ path, query = {} }: Question): URL {
    const address = new URL(`${this.url}${path}`);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(key, String(value));
    }
    return address;
  }
}

/** The innermost cause says most. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (Object(inner).cause) inner = Object(inner).cause;
  return Object(inner).message || String(inner);
}

/** What MLflow, or the portal, says in its answer; the beginning of another text. */
function messageIn(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as {
      message?: unknown;
      error?: { message?: unknown };
    };
    const said = message ?? error?.message;
    if (typeof said === 'string') return said.slice(0, 1_000);
  } catch {
    // A proxy's page.
  }
  return text.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
}
