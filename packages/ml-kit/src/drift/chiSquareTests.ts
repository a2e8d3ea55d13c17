import { chiSquareUpperTail } from '../distributions/chiSquare';
import { normalCdf } from '../distributions/normal';
import { assertCounts } from '../numerics/assertCounts';
import { assertProportion } from '../numerics/assertProportion';
import { assertSameLength } from '../numerics/assertSameLength';
import { assertSameCells } from './assertSameCells';
import type { TestResult } from './testResult';

export interface ChiSquareResult extends TestResult {
  degreesOfFreedom: number;
}

function totalOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  return total;
}

/**
 * Chi-square goodness of fit: whether counts follow given weights that are known
 * without error (shares of a plan, or a baseline so large that its noise does not matter).
 * Weights are scaled to the total count.
 *
 * Cells of weight 0 must be empty, else the statistic is Infinity. NaN without
 * counts. Good when expected counts are about 5 or more. Throws InvalidArgumentError for different
 * numbers of cells, and counts or weights that are negative or not finite. O(cells). Source: Pearson (1900).
 */
export function chiSquareGoodnessOfFit(
  counts: ArrayLike<number>,
  weights: ArrayLike<number>,
): ChiSquareResult {
  assertSameLength('counts and weights', counts, weights);
  assertCounts('counts', counts);
  assertCounts('weights', weights);
  const n = totalOf(counts);
  const total = totalOf(weights);
  let statistic = n > 0 ? 0 : NaN;
  let cells = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0 && weights[i] === 0) continue;
    const expected = (n * weights[i]) / total;
    statistic += (counts[i] - expected) ** 2 / expected;
    cells++;
  }
  return verdict(statistic, cells - 1);
}

/**
 * Chi-square test of a 2 x cells contingency table: whether two sets of counts come
 * from the same distribution, both being samples. No continuity correction.
 *
 * Cells empty on both sides do not count. NaN when a side has no counts. Throws InvalidArgumentError
 * for different numbers of cells, and counts that are negative or not finite. O(cells).
 */
export function chiSquareContingency(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): ChiSquareResult {
  assertSameCells(baseline, current);
  const m = totalOf(baseline);
  const n = totalOf(current);
  let statistic = m > 0 && n > 0 ? 0 : NaN;
  let cells = 0;
  for (let i = 0; i < baseline.length; i++) {
    const both = baseline[i] + current[i];
    if (both === 0) continue;
    const expectedBaseline = (both * m) / (m + n);
    const expectedCurrent = (both * n) / (m + n);
    statistic +=
      (baseline[i] - expectedBaseline) ** 2 / expectedBaseline +
      (current[i] - expectedCurrent) ** 2 / expectedCurrent;
    cells++;
  }
  return verdict(statistic, cells - 1);
}

function verdict(statistic: number, degreesOfFreedom: number): ChiSquareResult {
  return {
    statistic,
    degreesOfFreedom,
    pValue:
      degreesOfFreedom > 0 || Number.isNaN(statistic)
        ? chiSquareUpperTail(statistic, degreesOfFreedom)
        : 1,
  };
}

/** A count of successes among trials. */
export interface Proportion {
  successes: number;
  trials: number;
}

/**
 * Two-proportion z test with pooled variance, two-sided.
 *
 * `statistic` is z, negative when the first proportion is smaller. z is 0 and p 1 when
 * all or none are successes; NaN without trials. Throws InvalidArgumentError unless 0 <= successes <= trials. Source: normal approximation, good from about 5 of each outcome.
 */
export function twoProportionZTest(a: Proportion, b: Proportion): TestResult {
  assertProportion(a.successes, a.trials);
  assertProportion(b.successes, b.trials);
  const pooled = (a.successes + b.successes) / (a.trials + b.trials);
  const deviation = Math.sqrt(
    pooled * (1 - pooled) * (1 / a.trials + 1 / b.trials),
  );
  const difference = a.successes / a.trials - b.successes / b.trials;
  const statistic = difference === 0 ? 0 : difference / deviation;
  return { statistic, pValue: 2 * normalCdf(-Math.abs(statistic)) };
}
