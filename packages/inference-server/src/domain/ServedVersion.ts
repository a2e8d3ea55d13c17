import type { ModelRunner, RunRequest } from './ModelRunner';
import type { ModelSchema, SharedDimension, Signature, Tensor } from './tensor';

/** A model version that is loaded and answers. */
export class ServedVersion {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly schema: ModelSchema | undefined;
  readonly #runner: ModelRunner;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: {
    model: string;
    version: number;
    digest: string;
    schema?: ModelSchema;
    runner: ModelRunner;
  }) {
    this.model = options.model;
    this.version = options.version;
    this.digest = options.digest;
    this.schema = options.schema;
    this.#runner = options.runner;
  }

  get signature(): Signature {
    return this.#runner.signature;
  }

  get rowWise(): boolean {
    return this.#runner.rowWise;
  }

  get dimensions(): readonly SharedDimension[] {
    return this.#runner.dimensions;
  }

  /** Keeps the version loaded until {@link ServedVersion.leave}. */
  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  run(request: RunRequest): Promise<Tensor[]> {
    return this.#runner.run(request);
  }

  /** Waits until no request holds the version, then frees it. Nothing may enter any more. */
  async retire(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>(resolve => {
        this.#onIdle = resolve;
      });
    }
    await this.#runner.release();
  }
}
