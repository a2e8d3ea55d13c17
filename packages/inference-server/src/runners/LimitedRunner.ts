import { InferenceError } from '../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import type { SharedDimension, Signature, Tensor } from '../domain/tensor';

/**
 * Refuses requests to a version that has too many already, waiting or running, so that one
 * that stands still does not take all the room of its model. The outermost of a version's
 * decorators: what it refuses costs nothing further in.
 */
export class LimitedRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #maxRequests: number;
  #requests = 0;
  readonly #onEnd = () => {
    this.#requests--;
  };

  constructor(options: { inner: ModelRunner; maxRequests: number }) {
    this.#inner = options.inner;
    this.#maxRequests = options.maxRequests;
    this.signature = options.inner.signature;
    this.rowWise = options.inner.rowWise;
    this.dimensions = options.inner.dimensions;
  }

  /** @throws InferenceError `overloaded` */
  run(request: RunRequest): Promise<Tensor[]> {
    if (this.#requests >= this.#maxRequests) {
      return Promise.reject(
        new InferenceError(
          'overloaded',
          `${
            this.#requests
          } requests to this version are being answered already: try again later`,
        ),
      );
    }
    this.#requests++;
    const running = this.#inner.run(request);
    running.then(this.#onEnd, this.#onEnd);
    return running;
  }

  release(): Promise<void> {
    return this.#inner.release();
  }
}
