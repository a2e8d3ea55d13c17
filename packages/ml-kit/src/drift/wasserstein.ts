import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { sortedSample } from '../numerics/sortedSample';
import { assertSameCells } from './assertSameCells';

/** Integral over x of a function of the two empirical distribution functions. */
function integrate(
  a: Float64Array,
  b: Float64Array,
  of: (difference: number) => number,
): number {
  let i = 0;
  let j = 0;
  let sum = 0;
  let previous = Math.min(a[0], b[0]);
  while (i < a.length || j < b.length) {
    const next = Math.min(
      i < a.length ? a[i] : Infinity,
      j < b.length ? b[j] : Infinity,
    );
    // Infinity - Infinity: no width where all mass so far is at -Infinity, or all that is left at Infinity.
    const width = next === previous ? 0 : next - previous;
    const height = of(i / a.length - j / b.length);
    // 0 times an infinite width is nothing to be moved, not NaN.
    if (width > 0 && height > 0) sum += height * width;
    while (i < a.length && a[i] === next) i++;
    while (j < b.length && b[j] === next) j++;
    previous = next;
  }
  return sum;
}

/**
 * Wasserstein-1 (earth mover's) distance of two samples, in the unit of the
 * values: the mean distance that mass has to be moved.
 *
 * NaN is left out; NaN with an empty sample. Infinite values of the same share and sign on both
 * sides have nothing to be moved, and the rest is measured; of different shares the distance is Infinity.
 * O(m log m + n log n).
 */
export function wassersteinDistance(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const a = sortedSample(baseline);
  const b = sortedSample(current);
  if (a.length === 0 || b.length === 0) return NaN;
  return integrate(a, b, Math.abs);
}

/**
 * Wasserstein-1 distance in population standard deviations (divisor n) of the
 * baseline, at least 0.001 of a unit: Evidently's "normed" definition. NaN when the baseline
 * has infinite values.
 */
export function wassersteinDistanceNormed(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const a = sortedSample(baseline);
  const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
  const variance =
    a.reduce((sum, value) => sum + (value - mean) ** 2, 0) / a.length;
  return wassersteinDistance(a, current) / Math.max(Math.sqrt(variance), 0.001);
}

/**
 * Energy distance of two samples: the square root of
 * 2 E|X - Y| - E|X - X'| - E|Y - Y'|. Domain and cost as {@link wassersteinDistance}.
 */
export function energyDistance(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const a = sortedSample(baseline);
  const b = sortedSample(current);
  if (a.length === 0 || b.length === 0) return NaN;
  return Math.sqrt(2 * integrate(a, b, difference => difference ** 2));
}

/**
 * Wasserstein-1 distance of two histograms over the same edges, mass spread
 * evenly within a bin. Exact for that reading, off by at most the widest bin for the values themselves.
 *
 * @param edges - ascending, one more than the counts
 * Throws InvalidArgumentError for other shapes, and counts that are negative or not finite. NaN when a side has no mass.
 */
export function wassersteinDistanceOfHistograms(
  edges: ArrayLike<number>,
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  assertSameCells(baseline, current);
  if (edges.length !== baseline.length + 1) {
    throw new InvalidArgumentError(
      `${baseline.length} bins have ${baseline.length + 1} edges, got ${
        edges.length
      }`,
    );
  }
  let m = 0;
  let n = 0;
  for (let i = 0; i < baseline.length; i++) {
    m += baseline[i];
    n += current[i];
  }
  let gap = 0;
  let sum = 0;
  for (let i = 0; i < baseline.length; i++) {
    const next = gap + baseline[i] / m - current[i] / n;
    const width = edges[i + 1] - edges[i];
    // The difference is linear within a bin; where it crosses zero there are two triangles.
    sum +=
      gap * next >= 0
        ? (Math.abs(gap + next) / 2) * width
        : ((gap * gap + next * next) / (2 * Math.abs(gap - next))) * width;
    gap = next;
  }
  return sum;
}
