import { pairedBootstrap } from '@greenroom/ml-kit';
import type {
  Evaluation,
  PairedComparison,
} from '@greenroom/plugin-ai-registry-common';

const RESAMPLES = 2000;
/** Keeps the comparison of large evaluations below about half a second. */
const MOST_DRAWS = 20_000_000;
const FEWEST_RESAMPLES = 400;

/**
 * How much better the candidate is on the rows that both were evaluated on;
 * undefined when they were not evaluated on the same rows by the same metric.
 */
export function comparePaired(
  base: Evaluation | undefined,
  candidate: Evaluation | undefined,
): PairedComparison | undefined {
  if (
    !base?.perRow ||
    !candidate?.perRow ||
    base.perRow.length !== candidate.perRow.length ||
    base.dataset.digest !== candidate.dataset.digest ||
    base.primary.name !== candidate.primary.name ||
    base.primary.higherIsBetter !== candidate.primary.higherIsBetter
  ) {
    return undefined;
  }
  const rows = base.perRow.length;
  const resamples = Math.max(
    FEWEST_RESAMPLES,
    Math.min(RESAMPLES, Math.floor(MOST_DRAWS / rows)),
  );
  return {
    metric: base.primary.name,
    rows,
    ...pairedBootstrap({
      base: base.perRow,
      candidate: candidate.perRow,
      higherIsBetter: base.primary.higherIsBetter,
      resamples,
    }),
  };
}
