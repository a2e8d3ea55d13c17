import type { Moments } from './types';

/** Moments of no values. */
export function emptyMoments(): Moments {
  return { count: 0, mean: 0, m2: 0, min: Infinity, max: -Infinity };
}

/**
 * Adds one value in place. NaN and the infinities are left out: they have no mean.
 * O(1), no allocation. Source: Welford, Technometrics 4 (1962).
 */
export function addToMoments(moments: Moments, value: number): void {
  if (value - value !== 0) return;
  const count = moments.count + 1;
  const delta = value - moments.mean;
  const mean = moments.mean + delta / count;
  moments.count = count;
  moments.mean = mean;
  moments.m2 += delta * (value - mean);
  // An empty profile's infinities become null in JSON, which no value is below.
  if (count === 1 || value < moments.min) moments.min = value;
  if (count === 1 || value > moments.max) moments.max = value;
}

/**
 * Moments of the values of both. Commutative exactly, associative up to rounding.
 * Source: Chan, Golub and LeVeque, Updating Formulae (1979).
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return { ...b };
  if (b.count === 0) return { ...a };
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  // From the mean of the larger side: sums of large means would lose the digits that the spread is made of.
  const isFirstLarger =
    a.count > b.count || (a.count === b.count && a.mean <= b.mean);
  return {
    count,
    mean: isFirstLarger
      ? a.mean + delta * (b.count / count)
      : b.mean - delta * (a.count / count),
    m2: a.m2 + b.m2 + delta * delta * ((a.count * b.count) / count),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/** Unbiased variance (divisor count - 1); undefined with fewer than two values. */
export function varianceOf(moments: Moments): number | undefined {
  return moments.count < 2 ? undefined : moments.m2 / (moments.count - 1);
}
