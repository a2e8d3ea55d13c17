import { chiSquareUpperTail } from '../distributions/chiSquare';

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

/**
 * Population stability index of two histograms over the same cells, with the
 * scaled chi-square test that it is sampling noise: without drift
 * PSI is about (1/n + 1/m) chi-square with cells - 1 degrees of freedom.
 *
 * Rule for empty cells: a cell that is empty on both sides does not take part;
 * a count of 0 on one side is taken as half a row of that side.
 *
 * @param baseline - counts a cell, m their sum
 * @param current - counts of the same cells, n their sum
 * @returns undefined when either side has no rows. With one shared cell psi is 0 and pValue 1.
 *
 * O(cells). Source: Yurdakul, Statistical Properties of Population Stability Index (2018).
 */
export function populationStability(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): PopulationStability | undefined {
  let m = 0;
  let n = 0;
  for (let i = 0; i < baseline.length; i++) {
    m += baseline[i];
    n += current[i];
  }
  if (m === 0 || n === 0) return undefined;
  let psi = 0;
  let cells = 0;
  for (let i = 0; i < baseline.length; i++) {
    if (baseline[i] === 0 && current[i] === 0) continue;
    cells++;
    const p = Math.max(baseline[i], 0.5) / m;
    const q = Math.max(current[i], 0.5) / n;
    psi += (q - p) * Math.log(q / p);
  }
  const scale = 1 / n + 1 / m;
  const freedom = cells - 1;
  return {
    psi,
    effect: psi - freedom * scale,
    pValue: freedom > 0 ? chiSquareUpperTail(psi / scale, freedom) : 1,
    cells,
  };
}
