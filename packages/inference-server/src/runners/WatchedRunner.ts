import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import type { SharedDimension, Signature, Tensor } from '../domain/tensor';
import type { Openings } from './ondemand/Openings';

/** Has it known when a model gives its memory back: what another one takes cannot be told meanwhile. */
export class WatchedRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #openings: Openings;

  constructor(options: { inner: ModelRunner; openings: Openings }) {
    this.#inner = options.inner;
    this.#openings = options.openings;
    this.signature = options.inner.signature;
    this.rowWise = options.inner.rowWise;
    this.dimensions = options.inner.dimensions;
  }

  run(request: RunRequest): Promise<Tensor[]> {
    return this.#inner.run(request);
  }

  async release(): Promise<void> {
    await this.#openings.watch(() => this.#inner.release());
  }
}
