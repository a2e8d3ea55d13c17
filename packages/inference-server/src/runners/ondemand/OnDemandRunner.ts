import type { ModelRunner, RunRequest } from '../../domain/ModelRunner';
import type { SharedDimension, Signature, Tensor } from '../../domain/tensor';
import type { OnDemandModel } from './OnDemandModel';

/**
 * Has a model open for each request. Outside of what gathers requests, so that each waits for the
 * opening by itself, with a deadline of its own.
 */
export class OnDemandRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #model: OnDemandModel;

  constructor(options: {
    model: OnDemandModel;
    /** Runs the model, by itself or with others. */
    inner: ModelRunner;
  }) {
    this.#inner = options.inner;
    this.#model = options.model;
    this.signature = options.inner.signature;
    this.rowWise = options.inner.rowWise;
    this.dimensions = options.inner.dimensions;
  }

  run(request: RunRequest): Promise<Tensor[]> {
    return this.#model.use(request.cancellation, () =>
      this.#inner.run(request),
    );
  }

  release(): Promise<void> {
    return this.#inner.release();
  }
}
