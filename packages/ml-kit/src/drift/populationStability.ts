import { chiSquareUpperTail } from '../distributions/chiSquare';
import { assertSameCells } from './assertSameCells';

export interface PopulationStability {
  /** Sum over cells of (q - p) log(q / p), natural logarithm. */
  psi: number;
  /** psi less its expectation without drift, (cells - 1)(1/n + 1/m). Can be negative. */
  effect: number;
  /** Probability of at least this psi without drift. */
  pValue: number;
  /** Cells with mass on either side. */
  cells: number;
}

/** (q - p) log(q / p): what one cell adds to the index. */
function stabilityTerm(p: number, q: number): number {
  return (q - p) * Math.log(q / p);
}

/**
 * Population stability index of two histograms over the same cells, with the
 * scaled chi-square test that it is sampling noise.
 *
 * Rule for empty cells: a cell that is empty on both sides does not take part;
 * a count of 0 on one side is taken as half a row of that side.
 *
 * The test: without drift PSI is about s chi-square with cells - 1 degrees of
 * freedom, to first order s = 1/n + 1/m. With a hundred rows that alone rejects
 * 9 % instead of 5 %, because a nearly empty cell weighs too much. So s gets its
 * second-order term (half a squared inverse count a cell, at most half a row),
 * and the p-value is the larger one of PSI and of PSI with one row added to every cell.
 *
 * @param baseline - counts a cell, m their sum
 * @param current - counts of the same cells, n their sum
 * @returns undefined when either side has no rows. With one shared cell psi is 0 and pValue 1.
 *
 * Throws InvalidArgumentError for different numbers of cells, and counts that are negative or not finite.
 * O(cells). Source: Yurdakul, Statistical Properties of Population Stability Index (2018).
 */
export function populationStability(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): PopulationStability | undefined {
  assertSameCells(baseline, current);
  let m = 0;
  let n = 0;
  let cells = 0;
  for (let i = 0; i < baseline.length; i++) {
    m += baseline[i];
    n += current[i];
    if (baseline[i] + current[i] > 0) cells++;
  }
  if (m === 0 || n === 0) return undefined;
  let psi = 0;
  let smoothed = 0;
  let secondOrder = 0;
  for (let i = 0; i < baseline.length; i++) {
    const share = (baseline[i] + current[i]) / (n + m);
    if (share === 0) continue;
    psi += stabilityTerm(
      Math.max(baseline[i], 0.5) / m,
      Math.max(current[i], 0.5) / n,
    );
    smoothed += stabilityTerm(
      (baseline[i] + 1) / (m + cells),
      (current[i] + 1) / (n + cells),
    );
    secondOrder +=
      Math.min(0.5, 0.5 / (n * share)) / n +
      Math.min(0.5, 0.5 / (m * share)) / m;
  }
  const freedom = cells - 1;
  const noise = freedom * (1 / n + 1 / m);
  const ratio = Math.min(psi / (noise + secondOrder), smoothed / noise);
  return {
    psi,
    effect: psi - noise,
    pValue: freedom > 0 ? chiSquareUpperTail(ratio * freedom, freedom) : 1,
    cells,
  };
}
