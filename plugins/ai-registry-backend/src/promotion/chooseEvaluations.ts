import type { Evaluation } from '@greenroom/plugin-ai-registry-common';

/**
 * The evaluations of two versions to hold against each other: the newest of the candidate
 * that has a counterpart on the same rows with the same metric, and the newest counterpart.
 * Without such a pair, the newest of each, so that somebody can say what is missing.
 *
 * @param base - newest first, as are the candidate's
 */
export function chooseEvaluations(
  base: Evaluation[],
  candidate: Evaluation[],
): { base?: Evaluation; candidate?: Evaluation } {
  for (const one of candidate) {
    const counterpart = base.find(other => areComparable(other, one));
    if (counterpart) return { base: counterpart, candidate: one };
  }
  return { base: base[0], candidate: candidate[0] };
}

function areComparable(one: Evaluation, other: Evaluation): boolean {
  return (
    one.dataset.digest === other.dataset.digest &&
    one.primary.name === other.primary.name &&
    one.primary.higherIsBetter === other.primary.higherIsBetter &&
    one.perRow !== undefined &&
    one.perRow.length === other.perRow?.length
  );
}
