import { assertSameCells } from './assertSameCells';

/**
 * Distances between two histograms over the same cells. All take counts or
 * shares (each side is divided by its sum), are O(cells), and are NaN when a side has no mass.
 * They throw InvalidArgumentError for different numbers of cells, and counts that are negative or not finite.
 */

function shares(counts: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(counts);
  let total = 0;
  for (const count of result) total += count;
  for (let i = 0; i < result.length; i++) result[i] /= total;
  return result;
}

function sumOver(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
  term: (p: number, q: number) => number,
): number {
  assertSameCells(baseline, current);
  const p = shares(baseline);
  const q = shares(current);
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += term(p[i], q[i]);
  return sum;
}

function relativeEntropyTerm(p: number, q: number): number {
  return p > 0 ? p * Math.log(p / q) : 0;
}

/**
 * Kullback-Leibler divergence D(baseline || current) in nats: Infinity where
 * current is empty and baseline is not. Not symmetric.
 */
export function kullbackLeiblerNats(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  return sumOver(baseline, current, relativeEntropyTerm);
}

/** Jensen-Shannon divergence in nats, 0 to log 2. Empty cells need no floor. */
export function jensenShannonDivergenceNats(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const nats = sumOver(baseline, current, (p, q) => {
    const middle = (p + q) / 2;
    return relativeEntropyTerm(p, middle) + relativeEntropyTerm(q, middle);
  });
  return Math.min(Math.LN2, Math.max(0, nats / 2));
}

/**
 * Jensen-Shannon distance with natural logarithms: the square root of the divergence, 0 to 0.8326.
 * Source: Endres and Schindelin, IEEE Trans. Inf. Theory 49 (2003).
 */
export function jensenShannonDistanceNatural(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  return Math.sqrt(jensenShannonDivergenceNats(baseline, current));
}

/** Jensen-Shannon distance with base 2, 0 to 1: 1.2011 times the natural one. */
export function jensenShannonDistanceBase2(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  return Math.sqrt(jensenShannonDivergenceNats(baseline, current) / Math.LN2);
}

/** Hellinger distance, 0 to 1. */
export function hellingerDistance(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  return Math.sqrt(
    sumOver(
      baseline,
      current,
      (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2 / 2,
    ),
  );
}

/** Total variation distance: the largest difference in probability of any set of cells, 0 to 1. */
export function totalVariationDistance(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  return sumOver(baseline, current, (p, q) => Math.abs(p - q) / 2);
}

/** L-infinity distance: the largest difference in probability of a single cell, 0 to 1. */
export function largestCellDifference(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  assertSameCells(baseline, current);
  const p = shares(baseline);
  const q = shares(current);
  let largest = 0;
  for (let i = 0; i < p.length; i++) {
    const difference = Math.abs(p[i] - q[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
