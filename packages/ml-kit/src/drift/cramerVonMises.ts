import { sortedSample } from '../numerics/sortedSample';
import type { TestResult } from './testResult';

export interface CramerVonMisesResult extends TestResult {
  method: 'exact' | 'asymptotic';
}

/** Up to this many values on the larger side the p-value counts all orders. */
export const EXACT_CRAMER_VON_MISES_SIZE = 20;

/**
 * Probability that the limit of the Cramer-von Mises statistic exceeds x.
 * 1 for x <= 0. About 1e-13 absolute. Source: Anderson and Darling, Ann. Math. Stat. 23 (1952), eq. 4.35.
 */
export function cramerVonMisesUpperTail(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x <= 0) return 1;
  let sum = 0;
  // gamma(k + 1/2) / (gamma(1/2) k!), by its recurrence
  let ratio = 1;
  for (let k = 0; k < 60; k++) {
    const odd = 4 * k + 1;
    const z = (odd * odd) / (16 * x);
    const term =
      ratio * Math.sqrt(odd) * besselKQuarterTimesExp(z) * Math.exp(-2 * z);
    sum += term;
    if (term < sum * 1e-17 && k > 0) break;
    ratio *= (k + 0.5) / (k + 1);
  }
  return Math.min(1, Math.max(0, 1 - sum / (Math.PI * Math.sqrt(x))));
}

/** e^z K_{1/4}(z) by the trapezoidal rule on its integral, which converges exponentially. DLMF 10.32.9. */
function besselKQuarterTimesExp(z: number): number {
  const step = 1 / 16;
  let sum = 0.5;
  for (let i = 1; i < 1000; i++) {
    const t = i * step;
    const term = Math.exp(-z * (Math.cosh(t) - 1)) * Math.cosh(t / 4);
    sum += term;
    if (term < 1e-18) break;
  }
  return sum * step;
}

/** m n (m + n) times the sum over pooled values of (F_a - F_b)^2, all in integers over m n. */
function squaredGaps(a: Float64Array, b: Float64Array): number {
  const m = a.length;
  const n = b.length;
  let i = 0;
  let j = 0;
  let sum = 0;
  while (i < m || j < n) {
    const value = Math.min(i < m ? a[i] : Infinity, j < n ? b[j] : Infinity);
    const before = i + j;
    while (i < m && a[i] === value) i++;
    while (j < n && b[j] === value) j++;
    sum += (i + j - before) * (i * n - j * m) ** 2;
  }
  return sum;
}

/** Share of all orders whose sum of squared gaps is at least `observed`: a walk over lattice paths with their sums. */
function exactUpperTail(observed: number, m: number, n: number): number {
  let row: Map<number, number>[] = [];
  for (let i = 0; i <= m; i++) {
    const next: Map<number, number>[] = [];
    for (let j = 0; j <= n; j++) {
      const sums = new Map<number, number>();
      if (i === 0 && j === 0) {
        sums.set(0, 1);
      } else {
        const gap = (i * n - j * m) ** 2;
        const add = (source: Map<number, number> | undefined, share: number) =>
          source?.forEach((weight, sum) => {
            const key = sum + gap;
            sums.set(key, (sums.get(key) ?? 0) + weight * share);
          });
        if (i > 0) add(row[j], i / (i + j));
        if (j > 0) add(next[j - 1], j / (i + j));
      }
      next.push(sums);
    }
    row = next;
  }
  let tail = 0;
  row[n].forEach((weight, sum) => {
    if (sum >= observed) tail += weight;
  });
  return Math.min(1, tail);
}

/**
 * Two-sample Cramer-von Mises test: like Kolmogorov-Smirnov, but over the whole
 * distribution rather than at its largest gap. `statistic` is Anderson's T.
 *
 * Exact up to 20 values on either side, asymptotic (matched to the exact mean and variance) beyond.
 * Made for continuous data: with ties the p-value is approximate. NaN is left out; NaN with an empty sample.
 * O(m log m + n log n). Source: Anderson, Ann. Math. Stat. 33 (1962).
 */
export function cramerVonMisesTest(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): CramerVonMisesResult {
  const a = sortedSample(baseline);
  const b = sortedSample(current);
  const m = a.length;
  const n = b.length;
  const isExact = Math.max(m, n) <= EXACT_CRAMER_VON_MISES_SIZE;
  const method = isExact ? 'exact' : 'asymptotic';
  if (m === 0 || n === 0) return { statistic: NaN, pValue: NaN, method };
  const total = m + n;
  const gaps = squaredGaps(a, b);
  const statistic = gaps / (m * n * total * total);
  if (isExact) {
    return { statistic, pValue: exactUpperTail(gaps, m, n), method };
  }
  const mean = (1 + 1 / total) / 6;
  const variance =
    ((total + 1) * (4 * m * n * total - 3 * (m * m + n * n) - 2 * m * n)) /
    (45 * total * total * 4 * m * n);
  const matched = 1 / 6 + (statistic - mean) / Math.sqrt(45 * variance);
  return { statistic, pValue: cramerVonMisesUpperTail(matched), method };
}
