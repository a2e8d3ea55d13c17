import type { Evaluation } from './version';

/**
 * What is known of a version by each metric that decides: the newest evaluation with each, on the
 * rows of the newest one. A run of prompts adds one for each scorer.
 *
 * @param evaluations - newest first, and so is what is returned
 */
export function newestEvaluations<T extends Evaluation>(
  evaluations: readonly T[],
): T[] {
  const byMetric = new Map<string, T>();
  for (const evaluation of evaluations) {
    const { dataset, primary } = evaluation;
    const isOfNewest = dataset.digest === evaluations[0].dataset.digest;
    if (isOfNewest && !byMetric.has(primary.name)) {
      byMetric.set(primary.name, evaluation);
    }
  }
  return [...byMetric.values()];
}
