import type { Dispatcher } from 'undici';
import type { ResponseBody } from './ResponseBody';
import { Transfer } from './Transfer';

/** One HTTP request to an upstream service. */
export interface UpstreamCall {
  method: 'GET' | 'POST';
  /** Absolute, with its query. */
  url: URL;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** When nobody waits for the answer any more, by the monotonic clock; left out for never. */
  deadlineMillis?: number;
}

/** What carries calls to a service. */
export interface Transport {
  /**
   * @returns once the head of the answer is there; whoever gets it reads the body to its end,
   *   or destroys it
   * @throws UpstreamFailure
   */
  open(call: UpstreamCall, signal: AbortSignal): Promise<UpstreamResponse>;
}

export interface UpstreamResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: ResponseBody;
}

/** How long a call may take. */
export interface UpstreamTimes {
  /** Until the answer begins, in milliseconds. */
  firstByteMillis: number;
  /** Between two parts of the answer, in milliseconds. */
  idleMillis: number;
  /** All in all, in milliseconds. */
  totalMillis: number;
}

/**
 * Speaks HTTP with upstream services on `undici.dispatch`, which costs a fifth of what the
 * global `fetch` costs a request. Retries nothing by itself.
 */
export class Upstream implements Transport {
  readonly #dispatcher: Dispatcher;
  readonly times: UpstreamTimes;

  constructor(options: { dispatcher: Dispatcher; times: UpstreamTimes }) {
    this.#dispatcher = options.dispatcher;
    this.times = options.times;
  }

  open(call: UpstreamCall, signal: AbortSignal): Promise<UpstreamResponse> {
    const { url, method, headers, body } = call;
    return new Promise((resolve, reject) => {
      const transfer = new Transfer({
        signal,
        times: this.times,
        onHead: resolve,
        onFailure: reject,
      });
      this.#dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers,
          body,
          headersTimeout: this.times.firstByteMillis,
          bodyTimeout: this.times.idleMillis,
        },
        transfer,
      );
    });
  }
}
