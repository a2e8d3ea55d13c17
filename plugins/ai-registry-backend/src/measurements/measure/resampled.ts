import { bootstrapInterval } from '@greenroom/ml-kit';
import { LEAST_ROWS } from './Answers';

const MOST_RESAMPLES = 1_000;
const LEAST_RESAMPLES = 200;
/** Rows that are drawn in all: about a tenth of a second. */
const MOST_DRAWS = 5_000_000;

/**
 * 95 % interval of a measure by resampling rows.
 *
 * @param costOfRow - how much longer than one addition a row takes
 * @returns undefined for too few rows, and where the measure is not defined on enough resamples
 */
export function resampled(
  rows: number,
  measure: (indices: Int32Array) => number,
  costOfRow = 1,
): [number, number] | undefined {
  if (rows < LEAST_ROWS) return undefined;
  const affordable = Math.floor(MOST_DRAWS / (rows * costOfRow));
  if (costOfRow > 1 && affordable < LEAST_RESAMPLES) return undefined;
  try {
    const { interval } = bootstrapInterval({
      rows,
      measure,
      resamples: Math.min(
        MOST_RESAMPLES,
        Math.max(LEAST_RESAMPLES, affordable),
      ),
    });
    return interval.every(Number.isFinite) ? interval : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidArgumentError') {
      return undefined;
    }
    throw error;
  }
}
