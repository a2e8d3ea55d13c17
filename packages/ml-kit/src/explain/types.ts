/** Rows for the model, one after the other: value j of row i is at `values[i * features + j]`. */
export interface Batch {
  rows: number;
  features: number;
  values: Float64Array;
}

/**
 * The model: one number for each row of the batch (an estimate, or the probability
 * of the class to be explained). The batch is reused: copy what must outlive the call.
 */
export type Predict = (batch: Batch) => Promise<ArrayLike<number>>;

export interface ShapleyOptions {
  predict: Predict;
  /** The row to explain. */
  instance: ArrayLike<number>;
  /** Shape [rows, features]: what a feature is replaced by when it is absent; 20 to 100 typical rows. */
  background: readonly ArrayLike<number>[];
  /** Features that come and go together (a one-hot code, a patch of an image). Default each one alone. */
  groups?: readonly (readonly number[])[];
  /** Most rows of one call of predict, default 8192. */
  batchRows?: number;
  /** Ends the work between two calls of predict. */
  signal?: AbortSignal;
}

/** How much each group moved the prediction away from the average one. */
export interface Explanation {
  method: 'exact' | 'permutation' | 'kernel' | 'occlusion';
  /** Mean prediction over the background. */
  baseValue: number;
  /** Of the instance. */
  prediction: number;
  /** One a group; together prediction - baseValue. */
  values: number[];
  /**
   * Of each value: what another seed would change. 0 when exact; sampled ones are at least 16 machine epsilons
   * (2^-48) of the largest of |baseValue|, |prediction| and |values|, as rounding alone moves a value by that.
   */
  standardErrors: number[];
  /** |baseValue + sum of values - prediction|: rounding only. */
  additivityError: number;
  /** Rows that the model was asked for. */
  evaluations: number;
}
