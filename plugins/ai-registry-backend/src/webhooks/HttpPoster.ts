import { isError } from '@backstage/errors';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { certificateProblemOf } from './certificateProblem';
import type { ReceiverAddress, ReceiverRules } from './ReceiverRules';

/** Longer than any good receiver needs to take a note. */
const TIMEOUT_MILLIS = 10_000;
/** Of an answer, this much is read and kept. */
const MOST_ANSWER_BYTES = 2_048;

export interface Posting {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** What became of one try. */
export interface Outcome {
  /** HTTP status; undefined when there was no answer. */
  status?: number;
  /** At most 2 KiB. */
  answer?: string;
  /** Why it failed; undefined when the receiver took it. */
  error?: string;
  durationMillis: number;
}

/** Sends something to a receiver once. */
export type Post = (posting: Posting) => Promise<Outcome>;

/** Posts over HTTP to what the rules allow; follows no redirects, and uses no proxy. */
export class HttpPoster {
  readonly #rules: ReceiverRules;
  readonly #timeoutMillis: number;

  constructor(options: { rules: ReceiverRules; timeoutMillis?: number }) {
    this.#rules = options.rules;
    this.#timeoutMillis = options.timeoutMillis ?? TIMEOUT_MILLIS;
  }

  /** Never throws but when its signal aborts: a failure is an outcome. */
  async post({ signal, ...posting }: Posting): Promise<Outcome> {
    const startedMillis = performance.now();
    const timeout = AbortSignal.timeout(this.#timeoutMillis);
    const both = AbortSignal.any([signal, timeout]);
    const duration = () => Math.round(performance.now() - startedMillis);
    try {
      const { status, answer } = await untilAborted(
        this.#send({ ...posting, signal: both }),
        both,
      );
      return {
        status,
        answer,
        ...(!isTaken(status) && { error: describe(status) }),
        durationMillis: duration(),
      };
    } catch (error) {
      signal.throwIfAborted();
      return {
        error: timeout.aborted
          ? `There was no answer within ${this.#timeoutMillis / 1_000} s`
          : messageOf(error),
        durationMillis: duration(),
      };
    }
  }

  async #send(posting: Posting): Promise<{ status: number; answer: string }> {
    const url = this.#rules.parse(posting.url);
    const addresses = await this.#rules.resolve(url);
    posting.signal.throwIfAborted();
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const body = Buffer.from(posting.body);
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: { ...posting.headers, 'Content-Length': body.length },
        // A connection of its own, to an address that was looked at.
        agent: false,
        lookup: lookupIn(addresses),
        signal: posting.signal,
      });
      sent.once('error', reject);
      sent.once('response', response => {
        const status = response.statusCode ?? 0;
        const chunks: Buffer[] = [];
        let bytes = 0;
        const finish = () => {
          const answer = Buffer.concat(chunks).subarray(0, MOST_ANSWER_BYTES);
          resolve({ status, answer: toText(answer) });
          sent.destroy();
        };
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes >= MOST_ANSWER_BYTES) finish();
        });
        // The status is what counts: an answer that breaks off, or does not end, is one.
        response.once('error', finish);
        response.once('close', finish);
        sent.off('error', reject).on('error', finish);
        posting.signal.addEventListener('abort', finish, { once: true });
      });
      sent.end(body);
    });
  }
}

/** Resolving a name cannot be broken off, waiting for it can. */
async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => setImmediate(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Answers what was found before: to look again could find something else. */
function lookupIn(addresses: ReceiverAddress[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0].address, addresses[0].family);
  };
}

export function isTaken(status: number): boolean {
  return status >= 200 && status < 300;
}

function describe(status: number): string {
  return status >= 300 && status < 400
    ? `The receiver answered ${status}: redirects are not followed, so name the address that it redirects to`
    : `The receiver answered ${status}`;
}

/** PostgreSQL takes no zero characters. */
function toText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\uFFFD');
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return messageOf(error.errors[0]);
  }
  if (!isError(error)) return String(error);
  return certificateProblemOf(error) ?? error.message;
}
