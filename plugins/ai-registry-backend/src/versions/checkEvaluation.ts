import { InputError } from '@backstage/errors';
import type { Evaluation } from '@greenroom/plugin-ai-registry-common';

/** Room for the rounding of sums; relative where the metric is larger than 1. */
const MEAN_TOLERANCE = 1e-6;

/**
 * Checks that an evaluation agrees with itself. Throws an InputError that names the
 * field that does not.
 */
export function checkEvaluation(evaluation: Evaluation): void {
  const { dataset, metrics, primary, perRow } = evaluation;
  if (!Object.hasOwn(metrics, primary.name)) {
    throw new InputError(
      `evaluation.primary.name: there is no metric '${primary.name}' in evaluation.metrics`,
    );
  }
  if (!perRow) return;
  if (perRow.length !== dataset.rows) {
    throw new InputError(
      `evaluation.perRow has ${perRow.length} values, but evaluation.dataset.rows is ${dataset.rows}`,
    );
  }
  const metric = metrics[primary.name];
  const mean = perRow.reduce((sum, value) => sum + value, 0) / perRow.length;
  const tolerance = MEAN_TOLERANCE * Math.max(1, Math.abs(metric));
  if (!(Math.abs(mean - metric) <= tolerance)) {
    throw new InputError(
      `evaluation.perRow has the mean ${mean}, but evaluation.metrics.${primary.name} is ${metric}`,
    );
  }
}
