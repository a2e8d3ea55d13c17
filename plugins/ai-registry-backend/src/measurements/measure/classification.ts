import {
  calibrationOf,
  classificationQuality,
  confusionMatrix,
  deLongInterval,
  multiclassLogLoss,
  rocAuc,
  wilsonInterval,
} from '@greenroom/ml-kit';
import {
  type ClassificationDetails,
  type MeasuredClass,
  type MeasuredMetric,
  metricInterval,
  metricSpread,
} from '@greenroom/plugin-ai-registry-common';
import { type Answers, LEAST_ROWS } from './Answers';
import type { ClassRows } from './classTruth';
import { MeasurementImpossible } from './MeasurementImpossible';
import { resampled } from './resampled';

/** More cannot be drawn. */
const MOST_DRAWN_CLASSES = 50;
/** Those with the most rows are told. */
const MOST_TOLD_CLASSES = 200;
/** Sums of probabilities as 32-bit numbers are beside 1 by less. */
const SUM_TOLERANCE = 1e-3;
const BINS = 10;
const NO_ANSWER = 'no answer';
/** Areas under curves sort the rows anew for each resample. */
const COST_OF_SORTING = 20;

/** Metrics of a classification, and the values of each that has one per row. */
export interface TaskMeasures<Details> {
  metrics: MeasuredMetric[];
  /** By metric, by row with a truth; undefined for a row without a value. */
  perRow: Record<string, (number | undefined)[]>;
  details: Details;
  remarks: string[];
}

export function measureClassification(
  answers: Answers,
  read: ClassRows,
  positive: string | undefined,
): TaskMeasures<ClassificationDetails> {
  const { truth, said, classes } = read;
  const remarks: string[] = [];
  const right = truth.map((name, row): number => (said[row] === name ? 1 : 0));
  const { measured, confusion } = byClass(read);
  const metrics: MeasuredMetric[] = [
    {
      name: 'accuracy',
      value: mean(right),
      interval: wilsonInterval(sum(right), right.length),
      higherIsBetter: true,
    },
    f1Macro(read),
  ];
  const perRow: TaskMeasures<never>['perRow'] = { accuracy: right };
  const scored = scoredRows(answers, read);
  let calibration: ClassificationDetails['calibration'];
  if ('none' in scored) {
    remarks.push(
      `No area under the ROC curve, log loss or calibration: ${scored.none}.`,
    );
  } else {
    if (scored.rows.length < truth.length) {
      remarks.push(
        `Scores are known of ${scored.rows.length} of ${truth.length} rows: what is computed of them is of those.`,
      );
    }
    const auc = aucOf(scored, positive);
    if ('none' in auc) remarks.push(auc.none);
    else metrics.push(auc);
    if (scored.areProbabilities) {
      const losses = truth.map((): number | undefined => undefined);
      scored.rows.forEach((row, at) => {
        losses[row] = lossOf(scored, at);
      });
      const known = losses.filter(loss => loss !== undefined);
      metrics.push({
        name: 'log_loss',
        value: mean(known),
        ...intervalOfMean(known),
        higherIsBetter: false,
      });
      perRow.log_loss = losses;
      calibration = calibrate(scored, said, positive);
      if (calibration) {
        metrics.push({
          name: 'expected_calibration_error',
          value: calibration.expectedError,
          higherIsBetter: false,
        });
      } else {
        remarks.push(
          'No calibration: no answer is one of the classes that have scores.',
        );
      }
    } else {
      remarks.push(
        'No log loss or calibration: the scores of the classes are no probabilities that add up to 1.',
      );
    }
  }
  if (read.strange > 0) {
    remarks.push(
      `${read.strange} of ${truth.length} rows are of classes that the version does not know, which count as wrong.`,
    );
  }
  if (new Set(truth).size === 1) {
    remarks.push(
      `All rows are of class '${truth[0]}': how good the version is for others, they do not say.`,
    );
  }
  if (classes.length > MOST_DRAWN_CLASSES) {
    remarks.push(
      `No confusion matrix: there are ${classes.length} classes, and ${MOST_DRAWN_CLASSES} can be drawn.`,
    );
  }
  return {
    metrics,
    perRow,
    remarks,
    details: {
      task: 'classification',
      classes: measured,
      ...(confusion && { confusion }),
      ...(calibration && { calibration }),
    },
  };
}

/**
 * The class that fairness and calibration are about.
 *
 * @returns undefined where there are more than two, and none is named
 * @throws MeasurementImpossible where the one that is named is none
 */
export function positiveOf(
  { question }: Pick<Answers, 'question'>,
  { classes }: ClassRows,
): string | undefined {
  const { positive } = question;
  if (positive === undefined)
    return classes.length === 2 ? classes[1] : undefined;
  if (classes.includes(positive)) return positive;
  const few = classes.slice(0, 10).join(', ');
  throw new MeasurementImpossible(
    `positive: there is no class '${positive}' among ${few}${
      classes.length > 10 ? ', ...' : ''
    }`,
  );
}

function byClass({ truth, said, classes }: ClassRows): {
  measured: MeasuredClass[];
  confusion: ClassificationDetails['confusion'];
} {
  const isComplete = said.every(name => name !== undefined);
  // One that no class is called, for counting only.
  const none = isComplete ? [] : ['\u0000'];
  const matrix = confusionMatrix(
    truth,
    said.map(name => name ?? none[0]),
    [...classes, ...none],
  );
  const { classes: qualities } = classificationQuality(matrix);
  const measured = classes.map((name, at): MeasuredClass => {
    const { support, precision, recall, f1 } = qualities[at];
    const right = matrix.counts[at][at];
    const predicted = matrix.counts.reduce((all, row) => all + row[at], 0);
    return {
      name,
      rows: support,
      ...(precision !== undefined && {
        precision: {
          value: precision,
          interval: wilsonInterval(right, predicted),
        },
      }),
      ...(recall !== undefined && {
        recall: { value: recall, interval: wilsonInterval(right, support) },
      }),
      ...(f1 !== undefined && { f1 }),
    };
  });
  return {
    measured:
      measured.length > MOST_TOLD_CLASSES
        ? measured.sort((a, b) => b.rows - a.rows).slice(0, MOST_TOLD_CLASSES)
        : measured,
    confusion:
      classes.length > MOST_DRAWN_CLASSES
        ? undefined
        : {
            classes,
            answers: isComplete ? classes : [...classes, NO_ANSWER],
            counts: matrix.counts.slice(0, classes.length),
          },
  };
}

/** Mean F1 of the classes that occur among truth or answers, as scikit-learn has it. */
function f1Macro({ truth, said, classes }: ClassRows): MeasuredMetric {
  const place = new Map(classes.map((name, at) => [name, at]));
  const ofTruth = Int32Array.from(truth, name => place.get(name)!);
  const ofAnswer = Int32Array.from(said, name =>
    name === undefined ? -1 : place.get(name)!,
  );
  const measure = (indices: Int32Array) => {
    const right = new Int32Array(classes.length);
    const both = new Int32Array(classes.length);
    for (const row of indices) {
      both[ofTruth[row]] += 1;
      if (ofAnswer[row] < 0) continue;
      both[ofAnswer[row]] += 1;
      if (ofAnswer[row] === ofTruth[row]) right[ofTruth[row]] += 1;
    }
    let total = 0;
    let occurring = 0;
    both.forEach((count, at) => {
      if (count === 0) return;
      total += (2 * right[at]) / count;
      occurring += 1;
    });
    return total / occurring;
  };
  const rows = truth.length;
  const interval = resampled(rows, measure);
  return {
    name: 'f1_macro',
    value: measure(Int32Array.from({ length: rows }, (_, row) => row)),
    ...(interval && { interval }),
    higherIsBetter: true,
  };
}

interface ScoredRows {
  classes: readonly string[];
  /** Places in {@link ClassRows}. */
  rows: number[];
  /** Place of the truth among the classes; -1 for one that has no column. */
  truth: number[];
  scores: ArrayLike<number>[];
  areProbabilities: boolean;
}

function scoredRows(
  { scores }: Answers,
  read: ClassRows,
): ScoredRows | { none: string } {
  if ('none' in scores) return scores;
  const { classes, values } = scores;
  const rows = read.rows.flatMap((row, at) => (values[row] ? [at] : []));
  if (rows.length === 0) return { none: 'no row with a truth has scores' };
  const kept = rows.map(at => values[read.rows[at]]!);
  const place = new Map(classes.map((name, at) => [name, at]));
  const truth = rows.map(at => place.get(read.truth[at]) ?? -1);
  if (truth.every(one => one < 0)) {
    return {
      none: `no class of the truth is one of those that have scores (${classes
        .slice(0, 10)
        .join(', ')}${
        classes.length > 10 ? ', ...' : ''
      }); labels or codes of the schema say what they are called`,
    };
  }
  return {
    classes,
    rows,
    truth,
    scores: kept,
    areProbabilities: kept.every(areProbabilities),
  };
}

function areProbabilities(scores: ArrayLike<number>): boolean {
  let total = 0;
  for (let at = 0; at < scores.length; at++) {
    if (!(scores[at] >= 0 && scores[at] <= 1 + SUM_TOLERANCE)) return false;
    total += scores[at];
  }
  return Math.abs(total - 1) <= SUM_TOLERANCE;
}

/** Of a class without a column nothing is expected: that is as wrong as can be said. */
function lossOf({ truth, scores }: ScoredRows, at: number): number {
  return truth[at] < 0
    ? -Math.log(Number.EPSILON)
    : multiclassLogLoss([truth[at]], [scores[at]]);
}

function aucOf(
  { classes, truth, scores }: ScoredRows,
  positive: string | undefined,
): MeasuredMetric | { none: string } {
  const one = positive === undefined ? -1 : classes.indexOf(positive);
  if (classes.length === 2 || one >= 0) {
    const at = one >= 0 ? one : 1;
    const labels = truth.map(place => place === at);
    if (new Set(labels).size < 2) return { none: oneClass(classes[at]) };
    const { auc, interval } = deLongInterval(
      labels,
      scores.map(row => row[at]),
    );
    return {
      name: 'roc_auc',
      value: auc,
      ...(interval.every(Number.isFinite) && { interval }),
      higherIsBetter: true,
    };
  }
  // Mean over the classes that occur: one against the rest, every class alike.
  const measure = (indices: ArrayLike<number>) => {
    const drawn = Array.from(indices);
    const areas = classes.flatMap((_, at) => {
      const area = rocAuc(
        drawn.map(row => truth[row] === at),
        drawn.map(row => scores[row][at]),
      );
      return Number.isNaN(area) ? [] : [area];
    });
    return areas.length > 0 ? mean(areas) : NaN;
  };
  const value = measure(truth.map((_, row) => row));
  if (Number.isNaN(value)) return { none: oneClass(classes[truth[0]]) };
  const interval = resampled(
    truth.length,
    measure,
    classes.length * COST_OF_SORTING,
  );
  return {
    name: 'roc_auc',
    value,
    ...(interval && { interval }),
    higherIsBetter: true,
  };
}

function oneClass(name: string | undefined): string {
  return `No area under the ROC curve: it takes rows that are of class '${
    name ?? '?'
  }' and rows that are not.`;
}

function calibrate(
  { classes, rows, truth, scores }: ScoredRows,
  said: ClassRows['said'],
  positive: string | undefined,
): ClassificationDetails['calibration'] {
  const one = positive === undefined ? -1 : classes.indexOf(positive);
  const labels: boolean[] = [];
  const probabilities: number[] = [];
  rows.forEach((row, at) => {
    const place = one >= 0 ? one : classes.indexOf(said[row] ?? '');
    if (place < 0) return;
    labels.push(truth[at] === place);
    probabilities.push(Math.min(1, scores[at][place]));
  });
  if (labels.length === 0) return undefined;
  const { bins, expectedError } = calibrationOf(labels, probabilities, {
    bins: BINS,
  });
  return {
    ...(one >= 0 && { positive: classes[one] }),
    expectedError,
    bins,
  };
}

/** With too few rows the normal distribution says nothing of a mean. */
export function intervalOfMean(values: readonly number[]): {
  interval?: [number, number];
} {
  if (values.length < LEAST_ROWS) return {};
  const interval = metricInterval(metricSpread(values));
  return interval ? { interval } : {};
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
