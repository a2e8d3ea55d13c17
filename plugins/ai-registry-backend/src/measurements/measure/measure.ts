import { fairnessOf } from '@greenroom/ml-kit';
import {
  type Evaluation,
  type MeasuredFairness,
  type MeasurementResult,
  PRIMARY_METRICS,
} from '@greenroom/plugin-ai-registry-common';
import type { Answers } from './Answers';
import {
  measureClassification,
  positiveOf,
  type TaskMeasures,
} from './classification';
import { type ClassRows, readClasses } from './classTruth';
import { MeasurementImpossible } from './MeasurementImpossible';
import { measureRegression, readNumbers } from './regression';
import { groupNames, measureSlices, sliceRows } from './slices';

/** What was found, and what the version's evaluation says of it. */
export interface Measured {
  result: Omit<MeasurementResult, 'runtime'>;
  evaluation: Omit<Evaluation, 'dataset'>;
}

/**
 * How good answers are. Rows without a truth are left out. A row with a truth and without an answer is wrong for a
 * classifier; a regression is measured on the others, and has no values per row then: what the version would have said
 * cannot be made up, and no other version is compared with it.
 *
 * @throws MeasurementImpossible that says why there is nothing to measure
 */
export function measure(answers: Answers): Measured {
  const { schema, truth } = answers;
  if (schema.task === 'regression') {
    const read = readNumbers(answers);
    return put(answers, measureRegression(read), {
      rows: read.rows,
      unanswered: read.said.filter(value => value === undefined).length,
      unlabelled: truth.length - read.rows.length,
    });
  }
  const read = readClasses(answers);
  const positive = positiveOf(answers, read);
  const { fairness, remarks } = fairnessIn(answers, read, positive);
  const measures = measureClassification(answers, read, positive);
  return put(
    answers,
    { ...measures, remarks: [...measures.remarks, ...remarks] },
    {
      rows: read.rows,
      unanswered: read.said.filter(name => name === undefined).length,
      unlabelled: truth.length - read.rows.length,
      fairness,
    },
  );
}

function put(
  { schema, question, sliceColumns }: Answers,
  {
    metrics,
    perRow,
    details,
    remarks,
  }: TaskMeasures<MeasurementResult['details']>,
  counts: {
    rows: number[];
    unanswered: number;
    unlabelled: number;
    fairness?: MeasuredFairness;
  },
): Measured {
  const { rows, unanswered, unlabelled, fairness } = counts;
  const decides = question.primary ?? PRIMARY_METRICS[schema.task][0];
  const primary = metrics.find(({ name }) => name === decides);
  const values = perRow[decides];
  if (!primary || !values) {
    throw new MeasurementImpossible(
      `primary: ${decides} cannot be computed. ${remarks.join(' ')}`,
    );
  }
  const used = new Set<string>();
  const slices = (question.slices ?? []).flatMap((column, at) =>
    sliceRows(
      column,
      rows.map(row => sliceColumns[at][row]),
      used,
    ),
  );
  const isWhole = values.every(value => value !== undefined);
  return {
    result: {
      rows: rows.length,
      unlabelled,
      unanswered,
      remarks: isWhole
        ? remarks
        : [
            ...remarks,
            `Rows without a value of ${decides} are in no metric, so that no other version can be compared row by row.`,
          ],
      metrics: [primary, ...metrics.filter(metric => metric !== primary)],
      details,
      slices: measureSlices(slices, values),
      ...(fairness && { fairness }),
    },
    evaluation: {
      metrics: Object.fromEntries(
        metrics.map(({ name, value }) => [name, value]),
      ),
      primary: { name: decides, higherIsBetter: primary.higherIsBetter },
      ...(isWhole && {
        perRow: values,
        ...(slices.length > 0 && {
          slices: slices.map(({ name, rows: places }) => ({
            name,
            rows: places,
          })),
        }),
      }),
    },
  };
}

function fairnessIn(
  { question, protectedColumn }: Answers,
  { rows, truth, said }: ClassRows,
  positive: string | undefined,
): { fairness?: MeasuredFairness; remarks: string[] } {
  const { protected: column } = question;
  if (column === undefined || !protectedColumn) return { remarks: [] };
  if (positive === undefined) {
    return {
      remarks: [
        'No fairness: there are more than two classes, or only one; name the one that counts as being selected as positive.',
      ],
    };
  }
  const found = fairnessOf({
    labels: truth.map(name => name === positive),
    predictions: said.map(name => name === positive),
    groups: groupNames(rows.map(row => protectedColumn[row])),
  });
  return { fairness: { column, positive, ...found }, remarks: [] };
}
