import { normalCdf } from '../distributions/normal';
import { assertOneOf } from '../numerics/assertOneOf';
import { sortedSample } from '../numerics/sortedSample';
import type { TestResult } from '../drift/testResult';
import type { Alternative } from './effect';

export interface MannWhitneyResult extends TestResult {
  method: 'exact' | 'asymptotic';
}

/** Up to this many values a side, without ties, all orders are counted. */
export const EXACT_MANN_WHITNEY_SIZE = 50;

/** Shares of all orders of m and n values with U = 0, 1, ..., m n. O(m^2 n^2 / 2). */
function distributionOfU(m: number, n: number): Float64Array {
  // Shares over orders of i and j values, built from the last value being of either sample.
  let previous: Float64Array[] = [];
  for (let i = 0; i <= m; i++) {
    const current: Float64Array[] = [];
    for (let j = 0; j <= n; j++) {
      const shares = new Float64Array(i * j + 1);
      if (i === 0 || j === 0) {
        shares[0] = 1;
      } else {
        const lastIsFirst = i / (i + j);
        previous[j].forEach((share, u) => {
          shares[u + j] += share * lastIsFirst;
        });
        current[j - 1].forEach((share, u) => {
          shares[u] += share * (1 - lastIsFirst);
        });
      }
      current.push(shares);
    }
    previous = current;
  }
  return previous[n];
}

/**
 * Mann-Whitney U test: whether values of one sample tend to be larger than those of the other.
 * `statistic` is U of the first: pairs in which it is larger, ties counted half.
 *
 * Exact up to 50 values a side without ties; otherwise normal with tie and continuity correction.
 * alternative 'greater' means that the first sample tends to be larger. NaN is left out; NaN with an empty sample.
 * Source: Mann and Whitney, Ann. Math. Stat. 18 (1947).
 */
export function mannWhitneyTest(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  alternative: Alternative = 'two-sided',
): MannWhitneyResult {
  assertOneOf('alternative', alternative, ['two-sided', 'greater', 'less']);
  const a = sortedSample(first);
  const b = sortedSample(second);
  const m = a.length;
  const n = b.length;
  const { u, tieCorrection } = countPairs(a, b);
  const isExact =
    tieCorrection === 0 && Math.max(m, n) <= EXACT_MANN_WHITNEY_SIZE;
  const method = isExact ? 'exact' : 'asymptotic';
  if (m === 0 || n === 0) return { statistic: NaN, pValue: NaN, method };
  const upperTail = isExact
    ? exactUpperTail(m, n)
    : normalUpper(m, n, tieCorrection);
  const greater = upperTail(u);
  const less = upperTail(m * n - u);
  const pValue =
    alternative === 'two-sided'
      ? Math.min(1, 2 * Math.min(greater, less))
      : { greater, less }[alternative];
  return { statistic: u, pValue, method };
}

/** U of the first sample, and the sum of t^3 - t over groups of tied values. */
function countPairs(a: Float64Array, b: Float64Array) {
  let u = 0;
  let tieCorrection = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    const fromA = i;
    const fromB = j;
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    u += (i - fromA) * (fromB + (j - fromB) / 2);
    const tied = i - fromA + (j - fromB);
    tieCorrection += tied ** 3 - tied;
  }
  return { u, tieCorrection };
}

function exactUpperTail(m: number, n: number) {
  const shares = distributionOfU(m, n);
  return (u: number) => {
    let tail = 0;
    for (let value = u; value < shares.length; value++) tail += shares[value];
    return Math.min(1, tail);
  };
}

function normalUpper(m: number, n: number, tieCorrection: number) {
  const total = m + n;
  const deviation = Math.sqrt(
    ((m * n) / 12) * (total + 1 - tieCorrection / (total * (total - 1))),
  );
  return (u: number) =>
    deviation > 0 ? normalCdf(-(u - (m * n) / 2 - 0.5) / deviation) : 1;
}
