import { InferenceError } from '../domain/InferenceError';

/** A control plane that has not answered for so long is away, if it is asked every few seconds. */
export const AWAY_MILLIS = 15_000;
/** Until then shares may be divided anew. */
export const REDIVIDED_SECONDS = 2;

/** In how many parts the limits of keys are divided, as the control plane has told. */
export class Shares {
  readonly #now: () => number;
  readonly #awayMillis: number;
  /** Undefined before the control plane has told. */
  #dataPlanes: number | undefined;
  #toldAtMillis = -Infinity;

  constructor(options: {
    /** Milliseconds. */
    now: () => number;
    /** A control plane that has not answered for so long is away. */
    awayMillis: number;
  }) {
    this.#now = options.now;
    this.#awayMillis = options.awayMillis;
  }

  /** @param dataPlanes - undefined from an older control plane, which divides nothing */
  learn(dataPlanes: number | undefined): void {
    this.#dataPlanes = Math.max(1, dataPlanes ?? 1);
    this.#toldAtMillis = this.#now();
  }

  /** As far as it is known; else as if this data plane were the only one. */
  get parts(): number {
    return this.#dataPlanes ?? 1;
  }

  get isAway(): boolean {
    return this.#now() - this.#toldAtMillis > this.#awayMillis;
  }

  /**
   * Nobody knows how many share a limit, before the control plane has told.
   *
   * @throws InferenceError `not-ready` where that matters
   */
  require({ name, mode }: { name: string; mode: 'hard' | 'soft' }): void {
    if (this.#dataPlanes !== undefined || mode === 'soft') return;
    throw new InferenceError(
      'not-ready',
      `the key "${name}" has limits, and this server does not know its share of them before the control plane answers: try again in a moment`,
      undefined,
      { retryAfterSeconds: REDIVIDED_SECONDS },
    );
  }
}
