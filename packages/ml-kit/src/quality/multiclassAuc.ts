import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { rocAuc } from './scores';

export interface MulticlassAuc {
  /** Of each class against all others, in the order of the scores; NaN for a class that is absent or the only one. */
  byClass: number[];
  /** Mean over the classes that occur: one against the rest, every class alike. */
  oneVsRest: number;
  /** The same, weighted by how often a class occurs. */
  oneVsRestWeighted: number;
  /** Mean over all pairs of classes that occur, which does not depend on how frequent they are (Hand and Till's M). */
  oneVsOne: number;
}

function meanOf(values: number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/**
 * Area under the ROC curve (AUC) for several classes.
 *
 * @param labels - index of the true class of each row
 * @param scores - one score a class for each row
 *
 * NaN with fewer than two classes. Throws InvalidArgumentError for a label that is no class, rows of different lengths and NaN scores.
 * O(classes^2 rows log rows). Source: Hand and Till, Machine Learning 45 (2001); as scikit-learn's roc_auc_score.
 */
export function multiclassAuc(
  labels: readonly number[],
  scores: readonly ArrayLike<number>[],
): MulticlassAuc {
  const classes = scores[0]?.length ?? 0;
  if (labels.length !== scores.length) {
    throw new InvalidArgumentError(
      `Expected scores for each of the ${labels.length} labels, got ${scores.length} rows`,
    );
  }
  const counts = new Array<number>(classes).fill(0);
  labels.forEach((label, row) => {
    if (scores[row].length !== classes || !(label in counts)) {
      throw new InvalidArgumentError(
        `Row ${row} has label ${label} and ${scores[row].length} scores, expected an index below ${classes} and ${classes} scores`,
      );
    }
    counts[label]++;
  });
  const byClass = counts.map((_, one) =>
    rocAuc(
      labels.map(label => label === one),
      scores.map(row => row[one]),
    ),
  );
  const present = counts.flatMap((count, one) => (count > 0 ? [one] : []));
  const pairs = present.flatMap((one, i) =>
    present.slice(i + 1).map(other => {
      const rows = labels.flatMap((label, row) =>
        label === one || label === other ? [row] : [],
      );
      const areas = [one, other].map(positive =>
        rocAuc(
          rows.map(row => labels[row] === positive),
          rows.map(row => scores[row][positive]),
        ),
      );
      return meanOf(areas);
    }),
  );
  return {
    byClass,
    oneVsRest: meanOf(present.map(one => byClass[one])),
    oneVsRestWeighted:
      present.reduce((sum, one) => sum + byClass[one] * counts[one], 0) /
      labels.length,
    oneVsOne: meanOf(pairs),
  };
}
