import { pairedBootstrap } from '@greenroom/ml-kit';
import type {
  Evaluation,
  PairedComparison,
} from '@greenroom/plugin-ai-registry-common';

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
  const { improvement, interval, method } = pairedBootstrap({
    base: base.perRow,
    candidate: candidate.perRow,
    higherIsBetter: base.primary.higherIsBetter,
  });
  return {
    metric: base.primary.name,
    rows: base.perRow.length,
    improvement,
    interval,
    method,
  };
}
