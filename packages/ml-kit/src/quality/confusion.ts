import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { assertSameLength } from '../numerics/assertSameLength';

/** Rows by true class and predicted class: `counts[i][j]` are of class i, predicted as j. Shape [classes, classes]. Matrices of parts add up. */
export interface ConfusionMatrix {
  classes: string[];
  counts: number[][];
}

/** Counts labels against predictions. Classes default to all that occur, in order of their text (numbers by value). O(rows). */
export function confusionMatrix(
  labels: readonly (string | number)[],
  predictions: readonly (string | number)[],
  classes?: readonly (string | number)[],
): ConfusionMatrix {
  assertSameLength('labels and predictions', labels, predictions);
  const names = classes
    ? classes.map(String)
    : [...new Set([...labels, ...predictions].map(String))].sort((a, b) =>
        a.localeCompare(b, 'en', { numeric: true }),
      );
  const index = new Map(names.map((name, i) => [name, i]));
  const counts = names.map(() => new Array<number>(names.length).fill(0));
  labels.forEach((label, row) => {
    const i = index.get(String(label));
    const j = index.get(String(predictions[row]));
    if (i === undefined || j === undefined) {
      throw new InvalidArgumentError(
        `Row ${row} has class '${label}' predicted as '${
          predictions[row]
        }', expected both among ${names.join(', ')}`,
      );
    }
    counts[i][j]++;
  });
  return { classes: names, counts };
}

/** Quality of one class against all others. Absent where its denominator is 0. */
export interface ClassQuality {
  name: string;
  /** Rows of the class. */
  support: number;
  precision?: number;
  recall?: number;
  f1?: number;
}

export interface ClassificationQuality {
  rows: number;
  /** Absent without rows. */
  accuracy?: number;
  /** Mean recall of the classes that occur. */
  balancedAccuracy?: number;
  /** Mean F1 of the classes that occur among labels or predictions; an undefined F1 does not exist for them. */
  macroF1?: number;
  /** Mean F1 weighted by the rows of the classes. */
  weightedF1?: number;
  /** Matthews correlation for any number of classes, -1 to 1; absent when labels or predictions do not vary. */
  matthewsCorrelation?: number;
  /** Agreement beyond chance; absent when chance alone is certain. */
  cohenKappa?: number;
  classes: ClassQuality[];
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** Drops absent values, so that results compare and serialize as they are declared. */
function known<T extends object>(values: T): T {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as T;
}

function meanOfKnown(values: readonly (number | undefined)[]) {
  const present = values.filter((v): v is number => v !== undefined);
  return ratio(
    present.reduce((a, b) => a + b, 0),
    present.length,
  );
}

/** All measures of a confusion matrix. O(classes^2). Source: the definitions of scikit-learn 1.9; Gorodkin (2004) for many classes. */
export function classificationQuality(
  matrix: ConfusionMatrix,
): ClassificationQuality {
  const { classes, counts } = matrix;
  const ofClass = counts.map(row => row.reduce((a, b) => a + b, 0));
  const predicted = classes.map((_, j) =>
    counts.reduce((sum, row) => sum + row[j], 0),
  );
  const rows = ofClass.reduce((a, b) => a + b, 0);
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  const perClass = classes.map(
    (name, i): ClassQuality =>
      known({
        name,
        support: ofClass[i],
        precision: ratio(counts[i][i], predicted[i]),
        recall: ratio(counts[i][i], ofClass[i]),
        f1: ratio(2 * counts[i][i], ofClass[i] + predicted[i]),
      }),
  );
  const byChance = ofClass.reduce((sum, n, i) => sum + n * predicted[i], 0);
  const spread = (totals: number[]) =>
    rows * rows - totals.reduce((sum, n) => sum + n * n, 0);
  return known({
    rows,
    accuracy: ratio(right, rows),
    balancedAccuracy: meanOfKnown(perClass.map(({ recall }) => recall)),
    macroF1: meanOfKnown(perClass.map(({ f1 }) => f1)),
    weightedF1: ratio(
      perClass.reduce((sum, { f1 = 0, support }) => sum + f1 * support, 0),
      rows,
    ),
    matthewsCorrelation: ratio(
      right * rows - byChance,
      Math.sqrt(spread(ofClass) * spread(predicted)),
    ),
    cohenKappa: ratio(right * rows - byChance, rows * rows - byChance),
    classes: perClass,
  });
}
