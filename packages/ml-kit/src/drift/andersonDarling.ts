import { solveLinear } from '../numerics/solveLinear';
import { sortedSample } from '../numerics/sortedSample';
import type { TestResult } from './testResult';

/** Levels of the published critical values. */
const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
/** Of two samples, at these levels: Scholz and Stephens, table 1, b0 + b1 + b2. */
const CRITICAL = [0.325, 1.226, 1.961, 2.718, 3.752, 4.592, 6.546];

/** Least-squares parabola of log level on the critical value, as scipy interpolates. */
function logLevelAt(statistic: number): number {
  const sums = [0, 1, 2, 3, 4].map(power =>
    CRITICAL.reduce((sum, x) => sum + x ** power, 0),
  );
  const right = [0, 1, 2].map(power =>
    CRITICAL.reduce((sum, x, i) => sum + x ** power * Math.log(LEVELS[i]), 0),
  );
  const coefficients = solveLinear(
    [0, 1, 2].map(row =>
      Float64Array.from([0, 1, 2], column => sums[row + column]),
    ),
    Float64Array.from(right),
  );
  return (
    coefficients[0] +
    coefficients[1] * statistic +
    coefficients[2] * statistic ** 2
  );
}

/**
 * Two-sample Anderson-Darling test: like Cramer-von Mises, but with more weight on the tails. `statistic` is the
 * standardized one, above 1.961 at 5 %. Ties share their mean rank.
 *
 * The p-value is interpolated between published critical values and kept within 0.001 to 0.25, the range of the table:
 * read 0.001 as "at most". NaN is left out; NaN with an empty sample or when all values are equal.
 * O((m + n) log(m + n)). Source: Scholz and Stephens, JASA 82 (1987), A2akN; as scipy's anderson_ksamp.
 */
export function andersonDarlingTest(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): TestResult {
  const samples = [sortedSample(baseline), sortedSample(current)];
  const total = samples[0].length + samples[1].length;
  const pooled = new Float64Array(total);
  pooled.set(samples[0]);
  pooled.set(samples[1], samples[0].length);
  pooled.sort();
  if (
    samples.some(sample => sample.length === 0) ||
    pooled[0] === pooled[total - 1]
  ) {
    return { statistic: NaN, pValue: NaN };
  }
  let sum = 0;
  for (const sample of samples) {
    const n = sample.length;
    let inner = 0;
    let at = 0;
    for (let start = 0; start < total; ) {
      let end = start;
      while (end < total && pooled[end] === pooled[start]) end++;
      const from = at;
      while (at < n && sample[at] === pooled[start]) at++;
      const ties = end - start;
      const below = start + ties / 2;
      const ownBelow = from + (at - from) / 2;
      const gap = total * ownBelow - n * below;
      inner +=
        ((ties / total) * gap ** 2) /
        (below * (total - below) - (total * ties) / 4);
      start = end;
    }
    sum += inner / n;
  }
  const squared = (sum * (total - 1)) / total;
  const statistic = (squared - 1) / Math.sqrt(varianceOf(samples, total));
  const pValue = Math.exp(logLevelAt(statistic));
  return { statistic, pValue: Math.min(0.25, Math.max(0.001, pValue)) };
}

/** Variance of the statistic of two samples without difference. */
function varianceOf(samples: Float64Array[], total: number): number {
  const inverse = samples.reduce((sum, { length }) => sum + 1 / length, 0);
  let harmonic = 0;
  for (let i = 1; i < total; i++) harmonic += 1 / i;
  let g = 0;
  let tail = 0;
  for (let i = total - 1; i >= 2; i--) {
    tail += 1 / i;
    g += tail / (total - i + 1);
  }
  const a = 4 * g - 6 + (10 - 6 * g) * inverse;
  const b =
    (2 * g - 4) * 4 +
    8 * harmonic * 2 +
    (2 * g - 14 * harmonic - 4) * inverse -
    8 * harmonic +
    4 * g -
    6;
  const c =
    (6 * harmonic + 2 * g - 2) * 4 +
    (4 * harmonic - 4 * g + 6) * 2 +
    (2 * harmonic - 6) * inverse +
    4 * harmonic;
  const d = (2 * harmonic + 6) * 4 - 4 * harmonic * 2;
  return (
    (a * total ** 3 + b * total ** 2 + c * total + d) /
    ((total - 1) * (total - 2) * (total - 3))
  );
}
