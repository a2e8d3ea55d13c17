import type { ExperimentNamespace } from '@greenroom/plugin-ai-registry-common';
import { placeKey } from './findAliasConflicts';

/** The part of a namespace that an experiment takes. */
export interface NamespaceClaim extends ExperimentNamespace {
  environment: string;
  model: string;
}

/**
 * Which experiments claim a part of a namespace that is another one's: callers who are in two
 * experiments of one namespace would blur both. The part belongs to the experiment that has it
 * already, or else to the first by name.
 *
 * @param held - what is in force
 * @returns a sentence for each manifest that is refused, by {@link placeKey}
 */
export function findNamespaceConflicts(options: {
  claims: readonly NamespaceClaim[];
  held: readonly NamespaceClaim[];
}): Map<string, string> {
  const isHeld = (claim: NamespaceClaim) =>
    options.held.some(
      other =>
        placeKey(other) === placeKey(claim) &&
        other.name === claim.name &&
        other.fromPercent === claim.fromPercent &&
        other.toPercent === claim.toPercent,
    );
  const inOrder = options.claims
    .map(claim => ({ claim, rank: isHeld(claim) ? 0 : 1 }))
    .sort(
      (a, b) =>
        a.rank - b.rank || (placeKey(a.claim) < placeKey(b.claim) ? -1 : 1),
    );
  const standing: NamespaceClaim[] = [];
  const refused = new Map<string, string>();
  for (const { claim } of inOrder) {
    const other = standing.find(one => overlap(one, claim));
    if (other === undefined) standing.push(claim);
    else refused.set(placeKey(claim), explain(claim, other));
  }
  return refused;
}

function overlap(a: NamespaceClaim, b: NamespaceClaim): boolean {
  return (
    a.environment === b.environment &&
    a.name === b.name &&
    a.fromPercent < b.toPercent &&
    b.fromPercent < a.toPercent
  );
}

function explain(claim: NamespaceClaim, other: NamespaceClaim): string {
  return `spec.rollout.namespace: '${claim.name}' from ${claim.fromPercent} to ${claim.toPercent} percent overlaps with the experiment of '${other.model}' (${other.fromPercent} to ${other.toPercent} percent): choose a part that is free, or another namespace`;
}
