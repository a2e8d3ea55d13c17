import { InvalidArgumentError } from './InvalidArgumentError';
import { solveLinear } from './solveLinear';

/** Up to this many features their products are terms too. */
const MOST_CROSSED = 15;

/** Centre and spread of each feature, learned from rows; missing values are at the centre. A plain object. */
export interface QuadraticBasis {
  means: number[];
  deviations: number[];
}

type Row = ArrayLike<number>;

/** Throws InvalidArgumentError for rows of different lengths. O(rows * features). */
export function fitBasis(rows: readonly Row[]): QuadraticBasis {
  const features = rows[0]?.length ?? 0;
  rows.forEach((row, i) => {
    if (row.length !== features) {
      throw new InvalidArgumentError(
        `Row ${i} has ${row.length} features, expected ${features} as in the first`,
      );
    }
  });
  const means: number[] = [];
  const deviations: number[] = [];
  for (let f = 0; f < features; f++) {
    const values = rows.map(row => row[f]).filter(Number.isFinite);
    const mean = values.reduce((sum, x) => sum + x / values.length, 0);
    const variance = values.reduce(
      (sum, x) => sum + (x - mean) ** 2 / values.length,
      0,
    );
    means.push(mean);
    deviations.push(Math.sqrt(variance) || 1);
  }
  return { means, deviations };
}

/** Terms of a row: 1, each feature, its square, whether it is missing, and products of two. Far values are held at eight deviations. */
export function basisTerms(basis: QuadraticBasis, row: Row): Float64Array {
  const { means, deviations } = basis;
  const z = means.map((mean, f) =>
    Number.isNaN(row[f])
      ? 0
      : Math.max(-8, Math.min(8, (row[f] - mean) / deviations[f])),
  );
  const terms = [1, ...z, ...z.map(x => x * x)];
  means.forEach((_, f) => terms.push(Number.isNaN(row[f]) ? 1 : 0));
  if (z.length <= MOST_CROSSED) {
    for (let i = 0; i < z.length; i++) {
      for (let j = 0; j < i; j++) terms.push(z[i] * z[j]);
    }
  }
  return Float64Array.from(terms);
}

/** Least squares with a small ridge, so that terms that do not vary do no harm. O(rows * terms^2). */
export function fitRidge(
  terms: readonly Float64Array[],
  targets: ArrayLike<number>,
): Float64Array {
  const size = terms[0].length;
  const normal = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  terms.forEach((row, i) => {
    for (let a = 0; a < size; a++) {
      right[a] += row[a] * targets[i];
      for (let b = 0; b <= a; b++) normal[a][b] += row[a] * row[b];
    }
  });
  for (let a = 0; a < size; a++) {
    normal[a][a] += a === 0 ? 1e-9 : 1;
    for (let b = a + 1; b < size; b++) normal[a][b] = normal[b][a];
  }
  return solveLinear(normal, right);
}

/** Value of the fit at the terms of a row. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
