import { pairedBootstrap } from '@greenroom/ml-kit';
import type {
  Evaluation,
  SliceComparison,
} from '@greenroom/plugin-ai-registry-common';

/** With fewer rows, an interval is little more than a guess. */
export const LEAST_SLICE_ROWS = 20;
const LEVEL = 0.05;

/**
 * Whether a version that is good on the whole is worse for some. Both have to have been evaluated on the same rows by
 * the same metric; the slices are the candidate's.
 *
 * @returns undefined where they cannot be compared row by row, or there are no slices
 */
export function compareSlices(
  base: Evaluation | undefined,
  candidate: Evaluation | undefined,
): SliceComparison[] | undefined {
  const before = base?.perRow;
  const after = candidate?.perRow;
  const slices = candidate?.slices ?? [];
  if (
    !before ||
    !after ||
    slices.length === 0 ||
    before.length !== after.length ||
    base.dataset.digest !== candidate.dataset.digest ||
    base.primary.name !== candidate.primary.name
  ) {
    return undefined;
  }
  const large = slices.filter(({ rows }) => rows.length >= LEAST_SLICE_ROWS);
  // Each of many slices looks bad by chance at some time (Bonferroni).
  const confidence = 1 - LEVEL / Math.max(1, large.length);
  return slices.map(({ name, rows }) => {
    const of = (values: number[]) => rows.map(row => values[row]);
    const [one, other] = [of(before), of(after)];
    const { improvement, interval } = pairedBootstrap({
      base: one,
      candidate: other,
      higherIsBetter: candidate.primary.higherIsBetter,
      confidence,
    });
    return {
      name,
      rows: rows.length,
      base: mean(one),
      candidate: mean(other),
      improvement,
      interval,
      outcome: outcomeOf(rows.length, interval),
    };
  });
}

function outcomeOf(
  rows: number,
  interval: [number, number],
): SliceComparison['outcome'] {
  if (rows < LEAST_SLICE_ROWS) return 'few';
  return interval[1] < 0 ? 'worse' : 'not-worse';
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
