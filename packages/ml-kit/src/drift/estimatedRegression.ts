import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import {
  basisTerms,
  dot,
  fitBasis,
  fitRidge,
} from '../numerics/quadraticBasis';
import type { QuadraticBasis } from '../numerics/quadraticBasis';

/** How large a regression model's errors are to be expected for which rows; a plain object. */
export interface ExpectedErrors {
  formatVersion: 1;
  basis: QuadraticBasis;
  /** Of the absolute and of the squared error. */
  absolute: number[];
  squared: number[];
  /** Largest of the labelled rows: no row is expected to be off by more. */
  largest: number;
}

export interface EstimatedRegression {
  rows: number;
  /** Absent without rows. */
  meanAbsoluteError?: number;
  rootMeanSquaredError?: number;
}

/** Fewer labelled rows teach nothing. */
const LEAST_ROWS = 50;

/**
 * Learns from labelled rows, which the model was not trained on, how far its predictions are off where: direct loss estimation (DLE).
 *
 * @param rows - features of each row; put the prediction among them. NaN is a value of its own.
 * @param errors - label - prediction of each row
 *
 * Throws InvalidArgumentError with fewer than 50 rows, rows of different lengths and errors that are not finite. O(rows * features^4).
 * Source: NannyML's DLE, with a ridge regression on features, squares and products in place of boosted trees.
 */
export function fitExpectedErrors(
  rows: readonly ArrayLike<number>[],
  errors: readonly number[],
): ExpectedErrors {
  if (rows.length < LEAST_ROWS || errors.length !== rows.length) {
    throw new InvalidArgumentError(
      `Expected at least ${LEAST_ROWS} rows with an error each, got ${rows.length} and ${errors.length}`,
    );
  }
  errors.forEach((error, row) => {
    if (!Number.isFinite(error)) {
      throw new InvalidArgumentError(
        `The error of row ${row} is ${error}, expected a finite number`,
      );
    }
  });
  const basis = fitBasis(rows);
  const terms = rows.map(row => basisTerms(basis, row));
  const sizes = errors.map(Math.abs);
  return {
    formatVersion: 1,
    basis,
    absolute: [...fitRidge(terms, sizes)],
    squared: [
      ...fitRidge(
        terms,
        sizes.map(size => size * size),
      ),
    ],
    largest: sizes.reduce((a, b) => Math.max(a, b), 0),
  };
}

/**
 * Estimates how far predictions for rows without labels are off on average. As {@link estimatePerformance} does for classifiers, it sees that
 * rows come from where the model is worse, not that what they mean has changed. Show it as estimated.
 * Where no labelled rows were it is rough, but never above the largest error of those. O(rows * features^2).
 */
export function estimateRegression(
  expected: ExpectedErrors,
  rows: readonly ArrayLike<number>[],
): EstimatedRegression {
  assertFormatVersion('expected errors', expected);
  if (rows.length === 0) return { rows: 0 };
  const { basis, absolute, squared, largest } = expected;
  let sum = 0;
  let squares = 0;
  for (const row of rows) {
    if (row.length !== basis.means.length) {
      throw new InvalidArgumentError(
        `A row has ${row.length} features, expected ${basis.means.length}`,
      );
    }
    const terms = basisTerms(basis, row);
    sum += Math.min(largest, Math.max(0, dot(absolute, terms)));
    squares += Math.min(largest ** 2, Math.max(0, dot(squared, terms)));
  }
  return {
    rows: rows.length,
    meanAbsoluteError: sum / rows.length,
    rootMeanSquaredError: Math.sqrt(squares / rows.length),
  };
}
