import type { ModelRunner, RunRequest } from '../domain/ModelRunner';
import type { SharedDimension, Signature, Tensor } from '../domain/tensor';
import type { VersionStatistics } from '../domain/VersionStatistics';

/** Measures how long runs of a model take. */
export class MeasuredRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #inner: ModelRunner;
  readonly #statistics: VersionStatistics;

  constructor(options: { inner: ModelRunner; statistics: VersionStatistics }) {
    this.#inner = options.inner;
    this.#statistics = options.statistics;
    this.signature = options.inner.signature;
    this.rowWise = options.inner.rowWise;
    this.dimensions = options.inner.dimensions;
  }

  async run(request: RunRequest): Promise<Tensor[]> {
    const startedMillis = performance.now();
    const outputs = await this.#inner.run(request);
    const millis = performance.now() - startedMillis;
    if (request.times) request.times.computeMillis = millis;
    this.#statistics.observeRun(request.rows ?? 1, millis);
    return outputs;
  }

  release(): Promise<void> {
    return this.#inner.release();
  }
}
