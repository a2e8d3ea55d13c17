import { sortedSample } from '../numerics/sortedSample';
import {
  kolmogorovOneSampleUpperTail,
  kolmogorovUpperTail,
  smirnovExactUpperTail,
} from './kolmogorovDistribution';
import type { TestResult } from './testResult';

export interface KolmogorovSmirnovResult extends TestResult {
  method: 'exact' | 'asymptotic';
}

/** Up to this product of the sample sizes the p-value counts all orders of the two samples, in about 50 ms. */
export const EXACT_KOLMOGOROV_SMIRNOV_PRODUCT = 10_000_000;

/** Largest difference of the empirical distribution functions of two ascending samples, times m n: an integer. */
function largestGap(a: Float64Array, b: Float64Array): number {
  const m = a.length;
  const n = b.length;
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < m && j < n) {
    const value = Math.min(a[i], b[j]);
    while (i < m && a[i] === value) i++;
    while (j < n && b[j] === value) j++;
    largest = Math.max(largest, Math.abs(i * n - j * m));
  }
  return largest;
}

/**
 * Two-sample Kolmogorov-Smirnov test, two-sided: whether both samples come from one continuous distribution.
 *
 * With method auto the p-value is exact up to a product of the sizes of 10,000,000 (4000 against
 * 2500), and beyond it asymptotic with effective size m n / (m + n); the exact one is conservative for ties.
 * NaN is left out. With an empty sample both numbers are NaN.
 *
 * O(m log m + n log n), and O(m n) for the exact p-value.
 * Source: Hodges, Arkiv för Matematik 3 (1958); Kolmogorov (1933) for the limit.
 */
export function kolmogorovSmirnovTest(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
  method: 'auto' | 'exact' | 'asymptotic' = 'auto',
): KolmogorovSmirnovResult {
  const a = sortedSample(baseline);
  const b = sortedSample(current);
  const m = a.length;
  const n = b.length;
  const isExact =
    method === 'exact' ||
    (method === 'auto' && m * n <= EXACT_KOLMOGOROV_SMIRNOV_PRODUCT);
  const used = isExact ? 'exact' : 'asymptotic';
  if (m === 0 || n === 0) {
    return { statistic: NaN, pValue: NaN, method: used };
  }
  const gap = largestGap(a, b);
  const statistic = gap / (m * n);
  return {
    statistic,
    pValue: isExact
      ? smirnovExactUpperTail(gap, m, n)
      : kolmogorovUpperTail(statistic * Math.sqrt((m * n) / (m + n))),
    method: used,
  };
}

/** Up to this n D the exact p-value of one sample is a matrix power of some milliseconds. */
const MOST_EXACT_GAP = 60;

/**
 * One-sample Kolmogorov-Smirnov test, two-sided: whether values come from a continuous distribution that is known
 * beforehand, by its distribution function. Parameters estimated from the same values make it conservative.
 *
 * Exact (Marsaglia, Tsang and Wang) unless n is above 10,000 or the gap is so large that the limit is as good. NaN is left out; NaN without values.
 * O(n log n). Source: Kolmogorov (1933).
 */
export function kolmogorovSmirnovOneSampleTest(
  values: ArrayLike<number>,
  distribution: (x: number) => number,
): KolmogorovSmirnovResult {
  const sorted = sortedSample(values);
  const n = sorted.length;
  let statistic = n > 0 ? 0 : NaN;
  sorted.forEach((value, i) => {
    const p = distribution(value);
    statistic = Math.max(statistic, (i + 1) / n - p, p - i / n);
  });
  const isExact = n <= 10_000 && n * statistic <= MOST_EXACT_GAP;
  return {
    statistic,
    pValue: isExact
      ? kolmogorovOneSampleUpperTail(statistic, n)
      : kolmogorovUpperTail(statistic * Math.sqrt(n)),
    method: isExact ? 'exact' : 'asymptotic',
  };
}
