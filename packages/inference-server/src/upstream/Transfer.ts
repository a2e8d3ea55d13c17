import type { Dispatcher } from 'undici';
import { explainNetworkError } from './explainNetworkError';
import { ResponseBody } from './ResponseBody';
import type { UpstreamResponse, UpstreamTimes } from './Upstream';
import { UpstreamFailure } from './UpstreamFailure';

/** One call on its way, which ends once: whole, broken, too late, or not wanted any more. */
export class Transfer implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #times: UpstreamTimes;
  readonly #onHead: (response: UpstreamResponse) => void;
  readonly #onFailure: (failure: UpstreamFailure) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #onAbort = () =>
    this.#fail(new UpstreamFailure('cancelled', 'the caller has gone'));
  #controller: Dispatcher.DispatchController | undefined;
  #body: ResponseBody | undefined;
  #over = false;

  constructor(options: {
    signal: AbortSignal;
    times: UpstreamTimes;
    onHead: (response: UpstreamResponse) => void;
    onFailure: (failure: UpstreamFailure) => void;
  }) {
    this.#signal = options.signal;
    this.#times = options.times;
    this.#onHead = options.onHead;
    this.#onFailure = options.onFailure;
    const { totalMillis } = options.times;
    this.#deadline = setTimeout(() => {
      const text = `no whole answer within ${totalMillis / 1_000} s`;
      this.#fail(new UpstreamFailure('timeout', text));
    }, totalMillis);
    options.signal.addEventListener('abort', this.#onAbort);
    if (options.signal.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection, and meanwhile nobody waits for it any more.
    if (this.#over) controller.abort(new Error('not wanted any more'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: UpstreamResponse['headers'],
  ): void {
    // 1xx tell of the answer to come.
    if (this.#over || status < 200) return;
    const body = new ResponseBody({
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      destroy: this.#onAbort,
    });
    this.#body = body;
    this.#onHead({ status, headers, body });
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#end();
    this.#body?.end();
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#fail(explainNetworkError(error, this.#times));
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#over) return;
    this.#end();
    this.#controller?.abort(failure);
    if (this.#body) this.#body.fail(failure);
    else this.#onFailure(failure);
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
