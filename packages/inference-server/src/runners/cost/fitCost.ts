import type { MeasuredRun } from './MeasuredRun';

/** What runs of a model take: `millisPerRow * rows + millisPerRun`; neither is negative. */
export interface Cost {
  millisPerRow: number;
  millisPerRun: number;
}

const ROUNDS = 12;
/** Closer to the line a run counts like one on it. */
const LEAST_RESIDUAL_MILLIS = 1e-4;
/** Shorter runs are measured no better. */
const LEAST_RUN_MILLIS = 0.01;

/**
 * Fits a line through runs by least absolute differences, relative to what each took (iteratively reweighted least
 * squares): a few that something else held up move it little, also where they were the only ones of their size.
 *
 * @returns undefined where there are none
 */
export function fitCost(runs: readonly MeasuredRun[]): Cost | undefined {
  if (runs.length === 0) return undefined;
  const relative = runs.map(
    ({ millis }) => 1 / Math.max(millis, LEAST_RUN_MILLIS),
  );
  const weights = [...relative];
  let cost = fitWeighted(runs, weights);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < runs.length; i++) {
      const expected = cost.millisPerRow * runs[i].rows + cost.millisPerRun;
      const residual = Math.abs(runs[i].millis - expected);
      weights[i] = relative[i] / Math.max(residual, LEAST_RESIDUAL_MILLIS);
    }
    cost = fitWeighted(runs, weights);
  }
  return cost;
}

function fitWeighted(
  runs: readonly MeasuredRun[],
  weights: readonly number[],
): Cost {
  let [sum, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
  for (let i = 0; i < runs.length; i++) {
    const { rows: x, millis: y } = runs[i];
    const weight = weights[i];
    sum += weight;
    sumX += weight * x;
    sumY += weight * y;
    sumXX += weight * x * x;
    sumXY += weight * x * y;
  }
  const spread = sum * sumXX - sumX * sumX;
  // Runs of one size do not say what of it is of the rows: all of it, as far as is known.
  const throughOrigin = { millisPerRow: sumXY / sumXX, millisPerRun: 0 };
  if (spread <= 1e-9 * sum * sumXX) return throughOrigin;
  const millisPerRow = (sum * sumXY - sumX * sumY) / spread;
  const millisPerRun = (sumY - millisPerRow * sumX) / sum;
  if (millisPerRun < 0) return throughOrigin;
  if (millisPerRow < 0) return { millisPerRow: 0, millisPerRun: sumY / sum };
  return { millisPerRow, millisPerRun };
}
