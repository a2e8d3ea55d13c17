import {
  createRandom,
  nextNormal,
  nextUniform,
  shuffle,
} from '../random/random';
import type { TestResult } from './testResult';

/** Shape [rows, features]: every row has the same length, all finite. */
export type Rows = readonly ArrayLike<number>[];

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/**
 * Median distance between rows of the pooled samples: the usual width of the
 * kernel. Over the first 500 rows of each. 1 when all rows are equal. O(rows squared).
 */
export function medianDistance(a: Rows, b: Rows): number {
  const pooled = [...a.slice(0, 500), ...b.slice(0, 500)];
  const distances: number[] = [];
  for (let i = 0; i < pooled.length; i++) {
    for (let j = 0; j < i; j++) {
      distances.push(squaredDistance(pooled[i], pooled[j]));
    }
  }
  const sorted = Float64Array.from(distances).sort();
  return Math.sqrt(sorted[sorted.length >> 1]) || 1;
}

/** Unbiased estimate from a kernel matrix over pooled rows, split by `isFirst`. */
function fromKernel(kernel: Float64Array, isFirst: readonly boolean[]): number {
  const total = isFirst.length;
  let within1 = 0;
  let within2 = 0;
  let between = 0;
  let m = 0;
  for (let i = 0; i < total; i++) {
    if (isFirst[i]) m++;
    for (let j = 0; j < i; j++) {
      const value = kernel[i * total + j];
      if (isFirst[i] !== isFirst[j]) between += value;
      else if (isFirst[i]) within1 += value;
      else within2 += value;
    }
  }
  const n = total - m;
  return (
    (2 * within1) / (m * (m - 1)) +
    (2 * within2) / (n * (n - 1)) -
    (2 * between) / (m * n)
  );
}

function kernelMatrix(rows: Rows, sigma: number): Float64Array {
  const total = rows.length;
  const kernel = new Float64Array(total * total);
  for (let i = 0; i < total; i++) {
    for (let j = 0; j < i; j++) {
      kernel[i * total + j] = Math.exp(
        -squaredDistance(rows[i], rows[j]) / (2 * sigma * sigma),
      );
    }
  }
  return kernel;
}

/**
 * Squared maximum mean discrepancy of two samples of rows with the kernel
 * exp(-|x - y|^2 / (2 sigma^2)), unbiased (so it can be slightly negative without drift).
 *
 * NaN unless both have two rows. O((m + n)^2 features) time and memory.
 * Source: Gretton et al., A Kernel Two-Sample Test, JMLR 13 (2012), lemma 6.
 */
export function maximumMeanDiscrepancySquared(
  baseline: Rows,
  current: Rows,
  sigma: number,
): number {
  if (baseline.length < 2 || current.length < 2) return NaN;
  const pooled = [...baseline, ...current];
  return fromKernel(
    kernelMatrix(pooled, sigma),
    pooled.map((_, i) => i < baseline.length),
  );
}

export interface MaximumMeanDiscrepancyOptions {
  /** Kernel width, default the median distance. */
  sigma?: number;
  /** Default 200. */
  permutations?: number;
  /** Default 1. */
  seed?: number;
}

/** Share of permutations at least as extreme, the observed split counted as one of them: never 0. */
function permutationPValue(
  observed: number,
  permutations: number,
  draw: () => number,
): number {
  let extreme = 1;
  for (let i = 0; i < permutations; i++) if (draw() >= observed) extreme++;
  return extreme / (permutations + 1);
}

/**
 * Permutation test of the maximum mean discrepancy: whether two samples of rows
 * differ in any way. Exact level at any size. NaN unless both have two rows.
 * O((m + n)^2 (features + permutations)): for up to about a thousand rows a side.
 */
export function maximumMeanDiscrepancyTest(
  baseline: Rows,
  current: Rows,
  options: MaximumMeanDiscrepancyOptions = {},
): TestResult {
  if (baseline.length < 2 || current.length < 2) {
    return { statistic: NaN, pValue: NaN };
  }
  const { sigma = medianDistance(baseline, current) } = options;
  const { permutations = 200, seed = 1 } = options;
  const pooled = [...baseline, ...current];
  const kernel = kernelMatrix(pooled, sigma);
  const isFirst = pooled.map((_, i) => i < baseline.length);
  const statistic = fromKernel(kernel, isFirst);
  const random = createRandom(seed);
  return {
    statistic,
    pValue: permutationPValue(statistic, permutations, () =>
      fromKernel(kernel, shuffle(random, isFirst)),
    ),
  };
}

export interface FourierMmdOptions extends MaximumMeanDiscrepancyOptions {
  /** Random directions, default 128; the error falls with their square root. */
  directions?: number;
}

/**
 * The same test in linear time: the kernel is approximated by random Fourier
 * features, so a sample becomes the mean of its rows' features.
 * `statistic` is the squared distance of the two means (biased, never negative).
 *
 * O((m + n) directions (features + permutations)).
 * Source: Rahimi and Recht, NIPS 20 (2007); Zhao and Meng, Neural Computation 27 (2015).
 */
export function fourierMaximumMeanDiscrepancyTest(
  baseline: Rows,
  current: Rows,
  options: FourierMmdOptions = {},
): TestResult {
  const m = baseline.length;
  const n = current.length;
  if (m < 2 || n < 2) return { statistic: NaN, pValue: NaN };
  const { sigma = medianDistance(baseline, current) } = options;
  const { permutations = 200, seed = 1, directions = 128 } = options;
  const random = createRandom(seed);
  const pooled = [...baseline, ...current];
  const features = pooled.map(() => new Float64Array(directions));
  for (let d = 0; d < directions; d++) {
    const direction = Array.from(
      { length: baseline[0].length },
      () => nextNormal(random) / sigma,
    );
    const phase = 2 * Math.PI * nextUniform(random);
    pooled.forEach((row, i) => {
      let dot = phase;
      for (let j = 0; j < row.length; j++) dot += direction[j] * row[j];
      features[i][d] = Math.sqrt(2 / directions) * Math.cos(dot);
    });
  }
  const total = new Float64Array(directions);
  for (const row of features) row.forEach((value, d) => (total[d] += value));
  const order = pooled.map((_, i) => i);
  const distance = () => {
    const first = new Float64Array(directions);
    for (let i = 0; i < m; i++) {
      const row = features[order[i]];
      for (let d = 0; d < directions; d++) first[d] += row[d];
    }
    let sum = 0;
    for (let d = 0; d < directions; d++) {
      sum += (first[d] / m - (total[d] - first[d]) / n) ** 2;
    }
    return sum;
  };
  const statistic = distance();
  return {
    statistic,
    pValue: permutationPValue(statistic, permutations, () => {
      shuffle(random, order);
      return distance();
    }),
  };
}
