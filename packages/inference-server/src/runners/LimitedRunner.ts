import { InferenceError } from '../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import { isGreedy } from '../guardrails/isGreedy';
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
  /** Of those that have any here. */
  readonly #byCaller = new Map<string, number>();
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
    const { callerId } = request;
    const held = callerId === undefined ? 0 : this.#byCaller.get(callerId) ?? 0;
    if (isGreedy(held, this.#maxRequests - this.#requests)) {
      return Promise.reject(
        new InferenceError(
          'overloaded',
          `the key has ${held} of ${
            this.#requests
          } requests to this version in flight, and what is free is kept for others: try again later`,
        ),
      );
    }
    this.#requests++;
    const onEnd =
      callerId === undefined ? this.#onEnd : this.#enter(callerId, held);
    const running = this.#inner.run(request);
    running.then(onEnd, onEnd);
    return running;
  }

  #enter(callerId: string, held: number): () => void {
    this.#byCaller.set(callerId, held + 1);
    return () => {
      this.#requests--;
      const left = (this.#byCaller.get(callerId) ?? 1) - 1;
      if (left > 0) this.#byCaller.set(callerId, left);
      else this.#byCaller.delete(callerId);
    };
  }

  release(): Promise<void> {
    return this.#inner.release();
  }
}
