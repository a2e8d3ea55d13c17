import { sortedSample } from '../numerics/sortedSample';
import {
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
