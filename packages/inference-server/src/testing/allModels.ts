import {
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  variantOf,
  type FixtureName,
} from './fixtures';

/** Each model is deployed under the name of its fixture, but for one that takes much memory. */
export const ALL_MODELS = (Object.keys(SIGNATURES) as FixtureName[]).filter(
  name => name !== 'hungry',
);

/** All fixtures, a key for all of them (`gr_all`) and one for a single one (`gr_linear`). */
export const ALL_MODELS_SNAPSHOT = snapshotOf(
  ALL_MODELS.map(name => routeOf(name, [variantOf(name)])),
  [keyOf('gr_all', ['*']), keyOf('gr_linear', ['linear-1'])],
);

/** An FP32 input named `x`. */
export function x(data: unknown, shape = [1, 3]) {
  return { name: 'x', datatype: 'FP32', shape, data };
}

/** A good request for `linear-1`. */
export const row = { inputs: [x([1, 2, 3])] };
