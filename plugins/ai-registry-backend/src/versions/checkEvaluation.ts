import { InputError } from '@backstage/errors';
import type {
  Evaluation,
  EvaluationSlice,
} from '@greenroom/plugin-ai-registry-common';

/** Room for the rounding of sums; relative where the metric is larger than 1. */
const MEAN_TOLERANCE = 1e-6;
/** Of all slices together. */
const MOST_PLACES = 1_000_000;

/**
 * Checks that an evaluation agrees with itself. Throws an InputError that names the
 * field that does not.
 */
export function checkEvaluation(evaluation: Evaluation): void {
  const { dataset, metrics, primary, perRow, slices = [] } = evaluation;
  if (!Object.hasOwn(metrics, primary.name)) {
    throw new InputError(
      `evaluation.primary.name: there is no metric '${primary.name}' in evaluation.metrics`,
    );
  }
  if (slices.length > 0 && !perRow) {
    throw new InputError(
      'evaluation.slices: expected evaluation.perRow beside them, whose places they name',
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
  checkSlices(slices, perRow.length);
}

function checkSlices(slices: EvaluationSlice[], rows: number): void {
  const names = new Set<string>();
  let places = 0;
  slices.forEach((slice, at) => {
    const field = `evaluation.slices[${at}]`;
    if (names.has(slice.name)) {
      throw new InputError(
        `${field}.name: another slice is called '${slice.name}', give each its own name`,
      );
    }
    names.add(slice.name);
    places += slice.rows.length;
    const wrong = slice.rows.find(
      (row, index) =>
        row >= rows || (index > 0 && row <= slice.rows[index - 1]),
    );
    if (wrong !== undefined) {
      throw new InputError(
        `${field}.rows has ${wrong}: expected places from 0 to ${
          rows - 1
        }, ascending, each once`,
      );
    }
  });
  if (places > MOST_PLACES) {
    throw new InputError(
      `evaluation.slices name ${places} rows together: expected at most ${MOST_PLACES}`,
    );
  }
}
