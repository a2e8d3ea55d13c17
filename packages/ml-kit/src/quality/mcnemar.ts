import { regularizedBeta } from '../numerics/incompleteBeta';
import { assertSameLength } from '../numerics/assertSameLength';

export interface McnemarResult {
  /** Rows that only the base has right. */
  baseOnly: number;
  /** Rows that only the candidate has right. */
  candidateOnly: number;
  /** Two-sided probability of such an imbalance between equally good models. */
  pValue: number;
}

/**
 * Exact McNemar test: whether two classifiers are right on different numbers of the
 * same rows. Only rows on which they disagree count; 1 when there are none.
 * O(rows). Source: McNemar, Psychometrika 12 (1947); binomial form.
 */
export function mcnemarTest(
  baseRight: readonly (boolean | number)[],
  candidateRight: readonly (boolean | number)[],
): McnemarResult {
  assertSameLength('baseRight and candidateRight', baseRight, candidateRight);
  let baseOnly = 0;
  let candidateOnly = 0;
  baseRight.forEach((base, i) => {
    if (base && !candidateRight[i]) baseOnly++;
    if (!base && candidateRight[i]) candidateOnly++;
  });
  const fewer = Math.min(baseOnly, candidateOnly);
  const more = Math.max(baseOnly, candidateOnly);
  // Binomial(n, 1/2) at most `fewer`, by the incomplete beta function
  const tail = more > 0 ? regularizedBeta(more, fewer + 1, 0.5) : 1;
  return { baseOnly, candidateOnly, pValue: Math.min(1, 2 * tail) };
}
