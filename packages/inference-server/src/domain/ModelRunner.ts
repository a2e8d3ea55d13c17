import type { SharedDimension, Signature, Tensor } from './tensor';

/**
 * Whether the caller is still there. A flag that is looked at when work is about to be
 * done, instead of an `AbortSignal`, because making one costs more than a small model's
 * share of a batch.
 */
export interface Cancellation {
  readonly cancelled: boolean;
  /** When the caller waits no more, by the monotonic clock; left out where it did not say. */
  readonly deadlineMillis?: number;
}

export interface RunRequest {
  /** One for each input of the signature, in its order, checked against it. */
  inputs: readonly Tensor[];
  /**
   * Size of the first dimension that the inputs share. Undefined when they share none, so
   * that the request is one whole and never computed together with others.
   */
  rows: number | undefined;
  /** Names of the outputs to compute; undefined for all. */
  outputs?: readonly string[];
  cancellation?: Cancellation;
  /** Counts bytes that are held in memory for the request, as runners that ask others need to. */
  holder?: { hold(bytes: number): void };
  /** Whose request it is: who has many leaves room to others. Left out for nobody's. */
  callerId?: string;
  /** Is told how long the model took. */
  times?: { computeMillis: number };
  /** Whether nobody looks at the inputs after the run has begun, so that their memory may go elsewhere. */
  ownsInputs?: boolean;
  /** Whether nobody waits for the answer, and how it goes says nothing about what others are asked. */
  isCopy?: boolean;
  /** Whether the server asks by itself, for an explanation, what hardly anybody will ask again. */
  isTrial?: boolean;
}

/** One loaded model. Batching, limits and caches are decorators around it. */
export interface ModelRunner {
  readonly signature: Signature;
  /** Whether all inputs and outputs have a free first dimension, of one name where they have names. */
  readonly rowWise: boolean;
  /** Free dimensions by the names that the file gives them, as far as it does. */
  readonly dimensions: readonly SharedDimension[];
  /** @returns the outputs, in the order asked for, or else the signature's. */
  run(request: RunRequest): Promise<Tensor[]>;
  /** Frees the model. Nothing may be running any more. */
  release(): Promise<void>;
}
