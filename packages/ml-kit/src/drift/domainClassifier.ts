import { mannWhitneyTest } from '../experiment/mannWhitney';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import {
  basisTerms,
  dot,
  fitBasis,
  fitRidge,
} from '../numerics/quadraticBasis';
import { createRandom, shuffle } from '../random/random';

export interface DomainClassifierResult {
  /** Area under the ROC curve on rows that were not learned from: 0.5 when the two cannot be told apart, 1 when always. */
  auc: number;
  /** One-sided: of an area above 0.5 by chance. */
  pValue: number;
  /** Rows of each side that were judged. */
  judged: { baseline: number; current: number };
}

/** Fewer rows a side teach nothing. */
const LEAST_ROWS = 20;

/**
 * Multivariate drift: whether a classifier learns to tell current rows from those of the baseline, on rows it has not seen.
 * Sees what no single feature shows, such as a correlation that is gone. The classifier is linear in the features, their squares
 * and (up to 15 features) their products; NaN counts as a value of its own.
 *
 * Half of the rows are learned from, the other half judged by a Mann-Whitney test, so that the level is kept whatever is learned.
 * The same seed gives the same answer. Throws InvalidArgumentError with fewer than 20 rows a side, or rows of different lengths.
 * O(rows * features^4) with products. Source: Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, ICLR 2017.
 */
export function domainClassifierTest(
  baseline: readonly ArrayLike<number>[],
  current: readonly ArrayLike<number>[],
  options: {
    /** Default 1. */
    seed?: number;
  } = {},
): DomainClassifierResult {
  if (Math.min(baseline.length, current.length) < LEAST_ROWS) {
    throw new InvalidArgumentError(
      `Expected at least ${LEAST_ROWS} rows a side, got ${baseline.length} and ${current.length}`,
    );
  }
  const random = createRandom(options.seed ?? 1);
  const [before, after] = [baseline, current].map(rows => {
    const mixed = shuffle(random, [...rows]);
    const half = Math.floor(mixed.length / 2);
    return { learned: mixed.slice(0, half), judged: mixed.slice(half) };
  });
  const basis = fitBasis([
    ...before.learned,
    ...after.learned,
    ...before.judged,
    ...after.judged,
  ]);
  const learned = [...before.learned, ...after.learned];
  const weights = fitRidge(
    learned.map(row => basisTerms(basis, row)),
    // Targets that add up to 0, so that the larger side is not preferred
    learned.map((_, i) =>
      i < before.learned.length
        ? -1 / before.learned.length
        : 1 / after.learned.length,
    ),
  );
  const scoresOf = (rows: readonly ArrayLike<number>[]) =>
    rows.map(row => dot(weights, basisTerms(basis, row)));
  const { statistic, pValue } = mannWhitneyTest(
    scoresOf(after.judged),
    scoresOf(before.judged),
    'greater',
  );
  return {
    auc: statistic / (before.judged.length * after.judged.length),
    pValue,
    judged: {
      baseline: before.judged.length,
      current: after.judged.length,
    },
  };
}
