import { normalCdf } from '../distributions/normal';
import { regularizedGammaQ } from '../numerics/incompleteGamma';
import { assertSameCells } from './assertSameCells';
import type { TestResult } from './testResult';

export interface OrderedCellsResult {
  /** Whether values moved up or down: Wilcoxon's rank sum. `statistic` is positive when the current ones are larger. */
  location: TestResult;
  /** Whether values spread: Mood's squared ranks. `statistic` is positive when the current ones are further out. */
  scale: TestResult;
}

const UNDECIDED: TestResult = { statistic: 0, pValue: 1 };

/**
 * Twice the tail of a standardized sum of drawn scores: normal, or Pearson's type III with the sum's skewness
 * where that is longer, because a few values in a rare cell are far from normal.
 */
function twoSidedTail(z: number, skewness: number): number {
  const normal = normalCdf(-Math.abs(z));
  const isLongSide = z * skewness > 0 && Math.abs(skewness) > 1e-4;
  const shape = isLongSide ? 4 / skewness ** 2 : 0;
  const skewed = isLongSide
    ? regularizedGammaQ(shape, shape + Math.abs(z) * Math.sqrt(shape))
    : 0;
  return Math.min(1, 2 * Math.max(normal, skewed));
}

/** Whether the current values have larger scores than as many drawn from all without replacement. */
function rankTest(
  scores: Float64Array,
  totals: Float64Array,
  current: ArrayLike<number>,
): TestResult {
  let all = 0;
  let drawn = 0;
  let sum = 0;
  scores.forEach((score, i) => {
    all += totals[i];
    drawn += current[i];
    sum += score * totals[i];
  });
  const mean = sum / all;
  let squares = 0;
  let cubes = 0;
  let observed = 0;
  scores.forEach((score, i) => {
    const deviation = score - mean;
    squares += totals[i] * deviation ** 2;
    cubes += totals[i] * deviation ** 3;
    observed += current[i] * deviation;
  });
  const left = all - drawn;
  const variance = (drawn * left * squares) / (all * (all - 1));
  if (!(variance > 1e-9) || all < 3) return UNDECIDED;
  const third =
    (drawn * left * (left - drawn) * cubes) / (all * (all - 1) * (all - 2));
  const z = observed / Math.sqrt(variance);
  return { statistic: z, pValue: twoSidedTail(z, third / variance ** 1.5) };
}

/**
 * Two tests of histograms over the same ordered cells that use their order, as neither chi-square nor the
 * population stability index does: a small shift that moves every cell a little is seen with a fraction of the rows.
 * Equal values share their mean rank, so any cells will do.
 *
 * pValue 1 where a side has no rows or all rows are in one cell.
 * Throws InvalidArgumentError for different numbers of cells, and counts that are negative or not finite.
 * O(cells). Source: Wilcoxon (1945); Mood, Ann. Math. Stat. 25 (1954); moments of samples without replacement for the tails.
 */
export function orderedCellsTest(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): OrderedCellsResult {
  assertSameCells(baseline, current);
  const totals = Float64Array.from(baseline, (count, i) => count + current[i]);
  const ranks = new Float64Array(totals.length);
  let below = 0;
  totals.forEach((total, i) => {
    ranks[i] = below + (total + 1) / 2;
    below += total;
  });
  const middle = (below + 1) / 2;
  return {
    location: rankTest(ranks, totals, current),
    scale: rankTest(
      ranks.map(rank => (rank - middle) ** 2),
      totals,
      current,
    ),
  };
}
