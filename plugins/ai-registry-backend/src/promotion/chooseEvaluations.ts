import type { Evaluation } from '@greenroom/plugin-ai-registry-common';

/**
 * `required`: only what was measured here counts. `preferred`: it comes before what somebody claims of the same rows.
 * `off`: the newest counts, wherever it comes from.
 */
export type MeasuredMode = 'required' | 'preferred' | 'off';

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
  mode: MeasuredMode = 'preferred',
): { base?: Evaluation; candidate?: Evaluation } {
  if (mode === 'required') {
    const measured = (all: Evaluation[]) => all.filter(one => one.measured);
    return chooseEvaluations(measured(base), measured(candidate), 'off');
  }
  const newest = newestPair(base, candidate);
  if (!newest) return { base: base[0], candidate: candidate[0] };
  if (mode === 'off') return newest;
  const sameRows = (all: Evaluation[]) =>
    all.filter(one => areOfSameRows(one, newest.candidate));
  const ours = sameRows(candidate);
  const theirs = sameRows(base);
  const measuredOf = (all: Evaluation[]) => all.filter(one => one.measured);
  return (
    newestPair(measuredOf(theirs), measuredOf(ours)) ??
    newestPair(theirs, measuredOf(ours)) ??
    newestPair(measuredOf(theirs), ours) ??
    newest
  );
}

function newestPair(
  base: Evaluation[],
  candidate: Evaluation[],
): { base: Evaluation; candidate: Evaluation } | undefined {
  for (const one of candidate) {
    const counterpart = base.find(other => areComparable(other, one));
    if (counterpart) return { base: counterpart, candidate: one };
  }
  return undefined;
}

function areComparable(one: Evaluation, other: Evaluation): boolean {
  return (
    areOfSameRows(one, other) &&
    one.perRow !== undefined &&
    one.perRow.length === other.perRow?.length &&
    // Of the same rows another truth may have been asked; what is claimed does not say which.
    (!one.measured ||
      !other.measured ||
      one.measured.target === other.measured.target)
  );
}

function areOfSameRows(one: Evaluation, other: Evaluation): boolean {
  return (
    one.dataset.digest === other.dataset.digest &&
    one.primary.name === other.primary.name &&
    one.primary.higherIsBetter === other.primary.higherIsBetter
  );
}
