import type { Predict } from '../types';

/** A model from a function of one row. */
export const model =
  (of: (x: Float64Array) => number): Predict =>
  async ({ rows, features, values }) =>
    Float64Array.from({ length: rows }, (_, i) =>
      of(values.subarray(i * features, (i + 1) * features)),
    );
