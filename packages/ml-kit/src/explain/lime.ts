import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { invertMatrix } from '../numerics/solveLinear';
import { createRandom, nextInteger, nextUniform } from '../random/random';
import { sortedQuantile } from '../numerics/sortedQuantile';
import { assertRowLengths } from './assertRowLengths';
import { predictRows } from './coalitions';
import type { Predict } from './types';

export interface LimeSettings {
  /** Perturbed rows, default 2000. */
  samples?: number;
  /** Of the exponential kernel, default 0.75 times the root of the number of parts. */
  kernelWidth?: number;
  /** Ridge penalty, default 1. */
  penalty?: number;
  /** Default 1; every call starts from it, so equal calls give equal answers. */
  seed?: number;
  /** Most rows of one call of predict, default 8192. */
  batchRows?: number;
  signal?: AbortSignal;
}

/** A linear model of the prediction around one instance. */
export interface LimeExplanation {
  /** Prediction of the linear model with everything absent. */
  intercept: number;
  /** What the presence of each part adds. */
  coefficients: number[];
  /** Of each coefficient: what another seed would change (sandwich estimate). Not how well a linear model fits, see `fit`. */
  standardErrors: number[];
  /** Weighted share of the variance around the instance that the linear model explains; low means "do not trust it". */
  fit: number;
  /** Of the model itself for the instance. */
  prediction: number;
}

/**
 * Weighted ridge regression of predictions on presence, nearest samples heaviest:
 * kernel sqrt(exp(-absent / width^2)), as absent parts are the squared distance.
 */
function fitLocally(
  masks: Uint8Array[],
  predictions: Float64Array,
  options: { kernelWidth: number; penalty: number },
): Omit<LimeExplanation, 'prediction'> {
  const parts = masks[0].length;
  const weights = masks.map(mask => {
    const absent = mask.reduce((sum, bit) => sum + 1 - bit, 0);
    return Math.sqrt(Math.exp(-absent / options.kernelWidth ** 2));
  });
  const total = weights.reduce((a, b) => a + b, 0);
  const meanOf = (of: (i: number) => number) =>
    weights.reduce((sum, weight, i) => sum + weight * of(i), 0) / total;
  const centers = Float64Array.from({ length: parts }, (_, p) =>
    meanOf(i => masks[i][p]),
  );
  const center = meanOf(i => predictions[i]);
  const normal = Array.from({ length: parts }, (_, p) => {
    const row = new Float64Array(parts);
    row[p] = options.penalty;
    return row;
  });
  const right = new Float64Array(parts);
  const x = new Float64Array(parts);
  masks.forEach((mask, i) => {
    for (let p = 0; p < parts; p++) x[p] = mask[p] - centers[p];
    for (let p = 0; p < parts; p++) {
      const scaled = weights[i] * x[p];
      right[p] += scaled * (predictions[i] - center);
      for (let q = 0; q <= p; q++) normal[p][q] += scaled * x[q];
    }
  });
  for (let p = 0; p < parts; p++) {
    for (let q = 0; q < p; q++) normal[q][p] = normal[p][q];
  }
  const inverted = invertMatrix(normal);
  const along = (row: Float64Array, vector: Float64Array) =>
    row.reduce((sum, value, p) => sum + value * vector[p], 0);
  const coefficients = inverted.map(row => along(row, right));
  const intercept = coefficients.reduce(
    (rest, value, p) => rest - value * centers[p],
    center,
  );
  let residual = 0;
  let spread = 0;
  const variances = new Float64Array(parts);
  masks.forEach((mask, i) => {
    for (let p = 0; p < parts; p++) x[p] = mask[p] - centers[p];
    const error =
      predictions[i] -
      center -
      x.reduce((s, v, p) => s + v * coefficients[p], 0);
    residual += weights[i] * error ** 2;
    spread += weights[i] * (predictions[i] - center) ** 2;
    inverted.forEach((row, p) => {
      variances[p] += (weights[i] * error * along(row, x)) ** 2;
    });
  });
  // What rounding leaves of a constant prediction is not spread to be explained.
  const noise = total * (1e-12 * center) ** 2;
  return {
    intercept,
    coefficients,
    standardErrors: Array.from(variances, Math.sqrt),
    fit: spread > noise ? 1 - residual / spread : 1,
  };
}

function settingsFor(options: LimeSettings, parts: number) {
  const { samples = 2000, penalty = 1, seed = 1 } = options;
  const { kernelWidth = 0.75 * Math.sqrt(parts) } = options;
  assertIntegerAtLeast('samples', samples, 1);
  return { samples, penalty, random: createRandom(seed), kernelWidth };
}

export interface LimeTabularOptions extends LimeSettings {
  predict: Predict;
  instance: ArrayLike<number>;
  /** Shape [rows, features]: where replaced values come from. */
  background: readonly ArrayLike<number>[];
}

/**
 * LIME for a row of numbers: every feature is replaced by the value of a random
 * background row; it counts as present while it stays in the instance's quartile.
 *
 * Coefficients have one entry a feature. See `fit` for whether a linear model says anything,
 * and compare seeds with {@link topOverlap}. Throws InvalidArgumentError without background rows, for rows of another
 * length, and unless samples and batchRows are integers of at least 1.
 * O(samples (features^2 + predict)). Source: Ribeiro, Singh and Guestrin, KDD 2016.
 */
export async function limeTabular(
  options: LimeTabularOptions,
): Promise<LimeExplanation> {
  const { instance, background } = options;
  const features = instance.length;
  if (background.length === 0) {
    throw new InvalidArgumentError(
      'The background has no rows, expected at least one',
    );
  }
  assertRowLengths('Background row', background, features);
  const { samples, penalty, random, kernelWidth } = settingsFor(
    options,
    features,
  );
  const cuts = Array.from({ length: features }, (_, f) => {
    const sorted = Float64Array.from(background, row => row[f]).sort();
    return [0.25, 0.5, 0.75].map(q => sortedQuantile(sorted, q));
  });
  const quartile = (f: number, value: number) =>
    cuts[f].filter(cut => value > cut).length;
  const masks: Uint8Array[] = [];
  const predictions = new Float64Array(samples);
  await predictRows(
    { ...options, features },
    samples,
    (row, values, offset) => {
      const mask = new Uint8Array(features).fill(1);
      values.set(instance, offset);
      for (let f = 0; row > 0 && f < features; f++) {
        const value = background[nextInteger(random, background.length)][f];
        if (quartile(f, value) === quartile(f, instance[f])) continue;
        values[offset + f] = value;
        mask[f] = 0;
      }
      masks.push(mask);
    },
    (row, prediction) => {
      predictions[row] = prediction;
    },
  );
  return {
    ...fitLocally(masks, predictions, { kernelWidth, penalty }),
    prediction: predictions[0],
  };
}

export interface LimeSegmentsOptions extends LimeSettings {
  /** Words of a text, patches of an image. */
  segments: number;
  /** Predictions for texts or images with only the segments whose byte is 1; one a mask. */
  predictMasks(masks: readonly Uint8Array[]): Promise<ArrayLike<number>>;
}

/**
 * LIME over segments of a text or an image: each is kept or blanked at random.
 * The caller blanks: see {@link keepWords} and {@link keepSegments}. Throws InvalidArgumentError
 * unless samples, segments and batchRows are integers of at least 1.
 */
export async function limeSegments(
  options: LimeSegmentsOptions,
): Promise<LimeExplanation> {
  const { segments, predictMasks, signal, batchRows = 256 } = options;
  assertIntegerAtLeast('batchRows', batchRows, 1);
  assertIntegerAtLeast('segments', segments, 1);
  const { samples, penalty, random, kernelWidth } = settingsFor(
    options,
    segments,
  );
  const masks = Array.from({ length: samples }, (_, row) =>
    Uint8Array.from({ length: segments }, () =>
      row === 0 || nextUniform(random) < 0.5 ? 1 : 0,
    ),
  );
  const predictions = new Float64Array(samples);
  for (let start = 0; start < samples; start += batchRows) {
    signal?.throwIfAborted();
    const slice = masks.slice(start, start + batchRows);
    const answers = await predictMasks(slice);
    if (answers.length !== slice.length) {
      throw new InvalidArgumentError(
        `predictMasks returned ${answers.length} numbers for ${slice.length} masks, expected one a mask`,
      );
    }
    predictions.set(answers, start);
  }
  return {
    ...fitLocally(masks, predictions, { kernelWidth, penalty }),
    prediction: predictions[0],
  };
}

/** Indices of the `count` largest absolute values; ties by index. */
function topIndices(values: readonly number[], count: number): Set<number> {
  const order = values
    .map((_, i) => i)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
  return new Set(order.slice(0, count));
}

/**
 * How stable explanations are: mean Jaccard overlap of their `count` most important parts
 * over all pairs, 0 to 1. Feed it the same explanation by several seeds. 1 for fewer than two.
 */
export function topOverlap(
  explanations: readonly (readonly number[])[],
  count: number,
): number {
  const tops = explanations.map(values => topIndices(values, count));
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < tops.length; i++) {
    for (let j = 0; j < i; j++) {
      const shared = [...tops[i]].filter(index => tops[j].has(index)).length;
      const union = tops[i].size + tops[j].size - shared;
      sum += union > 0 ? shared / union : 1;
      pairs++;
    }
  }
  return pairs > 0 ? sum / pairs : 1;
}
