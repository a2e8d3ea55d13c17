import { pairedBootstrap } from '@greenroom/ml-kit';
import type {
  ClassificationDetails,
  MeasurementQuestion,
  ModelSchema,
} from '@greenroom/plugin-ai-registry-common';
import { checkEvaluation } from '../../versions/checkEvaluation';
import recorded from './__fixtures__/scikitLearn.json';
import type { Answers } from './Answers';
import { measure, type Measured } from './measure';

jest.setTimeout(120_000);

const DATASET = { name: 'held-out', version: 1 };

function answersOf(
  task: ModelSchema['task'],
  options: Partial<Omit<Answers, 'schema' | 'question'>> & {
    question?: Partial<MeasurementQuestion>;
    prediction?: Partial<ModelSchema['prediction']>;
  },
): Answers {
  const { question, prediction, ...rest } = options;
  return {
    schema: { task, features: [], prediction: { tensor: 'y', ...prediction } },
    question: { dataset: DATASET, target: 'truth', ...question },
    truth: [],
    predictions: [],
    scores: { none: 'nobody asked' },
    sliceColumns: [],
    ...rest,
  };
}
const metricsOf = ({ result }: Measured) =>
  Object.fromEntries(result.metrics.map(({ name, value }) => [name, value]));
const intervalsOf = ({ result }: Measured) =>
  Object.fromEntries(
    result.metrics.map(({ name, interval }) => [name, interval]),
  );
const detailsOf = ({ result }: Measured) =>
  result.details as ClassificationDetails;

/** What is stored is held against itself. */
function checked(answers: Answers): Measured {
  const measured = measure(answers);
  checkEvaluation({
    ...measured.evaluation,
    dataset: {
      name: 'held-out',
      digest: `sha256:${'0'.repeat(64)}`,
      rows: measured.result.rows,
    },
  });
  for (const { value, interval, name } of measured.result.metrics) {
    expect([name, Number.isFinite(value)]).toEqual([name, true]);
    if (interval) {
      expect(interval[0]).toBeLessThanOrEqual(value + 1e-12);
      expect(interval[1]).toBeGreaterThanOrEqual(value - 1e-12);
    }
  }
  return measured;
}

describe('as scikit-learn', () => {
  it('measures a classifier of three classes', () => {
    const { classes, truth, predictions, probabilities, expected } =
      recorded.multiclass;
    const measured = checked(
      answersOf('classification', {
        truth,
        predictions,
        prediction: { labels: classes },
        scores: { classes, values: probabilities },
      }),
    );
    const metrics = metricsOf(measured);
    for (const name of [
      'accuracy',
      'f1_macro',
      'log_loss',
      'roc_auc',
    ] as const) {
      expect(metrics[name]).toBeCloseTo(expected[name], 5);
      expect(intervalsOf(measured)[name]).toBeDefined();
    }
    const details = detailsOf(measured);
    expect(details.confusion).toEqual({
      classes,
      answers: classes,
      counts: expected.confusion,
    });
    details.classes.forEach((one, at) => {
      expect(one.rows).toBe(expected.support[at]);
      expect(one.precision!.value).toBeCloseTo(expected.precision[at], 9);
      expect(one.recall!.value).toBeCloseTo(expected.recall[at], 9);
      expect(one.f1).toBeCloseTo(expected.f1[at], 9);
    });
    expect(measured.result.metrics[0].name).toBe('accuracy');
    expect(measured.result.remarks).toEqual([]);
  });

  it('measures one of two classes, whose answers are numbers', () => {
    const { truth, predictions, probabilities, expected } = recorded.binary;
    const measured = checked(
      answersOf('classification', {
        truth,
        predictions,
        scores: { classes: ['0', '1'], values: probabilities },
      }),
    );
    const metrics = metricsOf(measured);
    for (const name of [
      'accuracy',
      'f1_macro',
      'log_loss',
      'roc_auc',
    ] as const) {
      expect(metrics[name]).toBeCloseTo(expected[name], 5);
    }
    const { calibration } = detailsOf(measured);
    expect(calibration!.positive).toBe('1');
    calibration!.bins.forEach(({ observed, predicted }, at) => {
      expect(observed).toBeCloseTo(expected.observed[at], 9);
      expect(predicted).toBeCloseTo(expected.predicted[at], 9);
    });
  });

  it('measures a regression', () => {
    const { truth, predictions, expected } = recorded.regression;
    const measured = checked(answersOf('regression', { truth, predictions }));
    const metrics = metricsOf(measured);
    for (const name of [
      'mean_absolute_error',
      'mean_squared_error',
      'root_mean_squared_error',
      'r2',
    ] as const) {
      expect(metrics[name]).toBeCloseTo(expected[name], 9);
      expect(intervalsOf(measured)[name]).toBeDefined();
    }
    const { details } = measured.result;
    if (details.task !== 'regression') throw new Error('unreachable');
    expect(details.bias).toBeCloseTo(expected.bias, 9);
    details.errorQuantiles.forEach(({ error }, at) =>
      expect(error).toBeCloseTo(expected.quantiles[at], 9),
    );
  });
});

describe('a classification', () => {
  const labels = ['no', 'yes'];

  it('leaves out rows without a truth, and takes those without an answer for wrong', () => {
    const measured = checked(
      answersOf('classification', {
        truth: ['yes', null, 'no', '', 'yes', undefined],
        predictions: ['yes', 'yes', null, 'no', 'no', null],
        prediction: { labels },
      }),
    );
    expect(measured.result).toMatchObject({
      rows: 3,
      unlabelled: 3,
      unanswered: 1,
    });
    expect(measured.evaluation.perRow).toEqual([1, 0, 0]);
    expect(detailsOf(measured).confusion).toEqual({
      classes: labels,
      answers: [...labels, 'no answer'],
      counts: [
        [0, 0, 1],
        [1, 1, 0],
      ],
    });
    // yes: 2/3, no: 0; no answer is no class of its own.
    expect(metricsOf(measured).f1_macro).toBeCloseTo(1 / 3, 9);
    expect(intervalsOf(measured).f1_macro).toBeUndefined();
  });

  it.each([
    ['labels', ['no', 'yes', 'yes'], undefined],
    ['places', [0, 1, 1], undefined],
    ['codes', ['10', 20, 20], ['10', '20']],
  ])('reads a truth of %s', (_, truth, codes) => {
    const measured = checked(
      answersOf('classification', {
        truth,
        predictions: ['no', 'yes', 'no'],
        prediction: { labels, ...(codes && { codes }) },
      }),
    );
    expect(measured.evaluation.perRow).toEqual([1, 1, 0]);
    expect(measured.result.remarks).toHaveLength(1);
  });

  it('counts classes that the version does not know as wrong, and says how many', () => {
    const measured = checked(
      answersOf('classification', {
        truth: ['yes', 'maybe', 'no'],
        predictions: ['yes', 'yes', 'no'],
        prediction: { labels },
        scores: {
          classes: labels,
          values: [
            [0.1, 0.9],
            [0.3, 0.7],
            [0.8, 0.2],
          ],
        },
      }),
    );
    expect(measured.evaluation.perRow).toEqual([1, 0, 1]);
    expect(measured.result.remarks).toContain(
      '1 of 3 rows are of classes that the version does not know, which count as wrong.',
    );
    expect(metricsOf(measured).log_loss).toBeCloseTo(
      (-Math.log(0.9) - Math.log(Number.EPSILON) - Math.log(0.8)) / 3,
      9,
    );
  });

  it('computes nothing of scores whose classes are called otherwise', () => {
    const measured = checked(
      answersOf('classification', {
        truth: ['yes', 'no'],
        predictions: ['yes', 'yes'],
        scores: {
          classes: ['0', '1'],
          values: [
            [0.1, 0.9],
            [0.2, 0.8],
          ],
        },
      }),
    );
    expect(Object.keys(metricsOf(measured))).toEqual(['accuracy', 'f1_macro']);
    expect(measured.result.remarks).toEqual([
      'No area under the ROC curve, log loss or calibration: no class of the truth is one of those that have scores (0, 1); labels or codes of the schema say what they are called.',
    ]);
  });

  it('does not take answers without a score for calibrated', () => {
    const measured = checked(
      answersOf('classification', {
        truth: ['a', 'b', 'c'],
        predictions: [null, 'd', 'd'],
        scores: {
          classes: ['a', 'b', 'c'],
          values: [
            [0.2, 0.3, 0.5],
            [0.2, 0.3, 0.5],
            [0.2, 0.3, 0.5],
          ],
        },
      }),
    );
    expect(detailsOf(measured).calibration).toBeUndefined();
    expect(metricsOf(measured)).not.toHaveProperty(
      'expected_calibration_error',
    );
    expect(measured.result.remarks).toContain(
      'No calibration: no answer is one of the classes that have scores.',
    );
  });

  it('measures a version that knows more classes than can be held against each other', () => {
    const all = Array.from({ length: 100_000 }, (_, at) => `c${at}`);
    const measured = checked(
      answersOf('classification', {
        truth: ['99999', '7', '7'],
        predictions: ['c99999', 'c7', 'c3'],
        prediction: { labels: all },
      }),
    );
    expect(measured.evaluation.perRow).toEqual([1, 1, 0]);
    expect(detailsOf(measured).classes.map(({ name }) => name)).toEqual([
      'c3',
      'c7',
      'c99999',
    ]);
  });

  it('says what a single class cannot tell', () => {
    const measured = checked(
      answersOf('classification', {
        truth: ['yes', 'yes'],
        predictions: ['yes', 'yes'],
        prediction: { labels },
        scores: { classes: labels, values: [[0.5, 0.5], null] },
      }),
    );
    expect(metricsOf(measured).roc_auc).toBeUndefined();
    expect(measured.result.remarks).toEqual([
      'Scores are known of 1 of 2 rows: what is computed of them is of those.',
      "No area under the ROC curve: it takes rows that are of class 'yes' and rows that are not.",
      "All rows are of class 'yes': how good the version is for others, they do not say.",
    ]);
    expect(intervalsOf(measured).accuracy).toEqual([
      expect.closeTo(0.342, 2),
      1,
    ]);
  });

  it('takes scores that are no probabilities for ranks only', () => {
    const measured = checked(
      answersOf('classification', {
        truth: ['yes', 'no', 'yes'],
        predictions: ['yes', 'no', 'yes'],
        prediction: { labels },
        scores: {
          classes: labels,
          values: [
            [-3, 3],
            [1, -1],
            [-2, 2],
          ],
        },
      }),
    );
    expect(metricsOf(measured)).toMatchObject({ roc_auc: 1 });
    expect(metricsOf(measured)).not.toHaveProperty('log_loss');
    expect(measured.result.remarks).toEqual([
      'No log loss or calibration: the scores of the classes are no probabilities that add up to 1.',
    ]);
  });

  it('decides by the metric that is asked for, and says where it cannot', () => {
    const answers = answersOf('classification', {
      truth: ['yes', 'no'],
      predictions: ['yes', 'no'],
      prediction: { labels },
      question: { primary: 'log_loss' },
    });
    expect(() => measure(answers)).toThrow(
      'primary: log_loss cannot be computed. No area under the ROC curve, log loss or calibration: nobody asked.',
    );
    const values = [
      [0.25, 0.75],
      [0.5, 0.5],
    ];
    const measured = checked({
      ...answers,
      scores: { classes: labels, values },
    });
    expect(measured.evaluation).toMatchObject({
      primary: { name: 'log_loss', higherIsBetter: false },
      perRow: [-Math.log(0.75), -Math.log(0.5)],
    });
  });

  it('refuses what is no classification', () => {
    const refused = (options: Parameters<typeof answersOf>[1]) => () =>
      measure(answersOf('classification', options));
    expect(refused({ truth: [null, ''], predictions: ['a', 'b'] })).toThrow(
      "Column 'truth' has no value in any row",
    );
    const many = Array.from({ length: 1_001 }, (_, row) => row);
    expect(refused({ truth: many, predictions: many.map(() => 0) })).toThrow(
      '1001 different values, and a classification has at most 1000',
    );
    expect(
      refused({
        truth: ['a', 'b'],
        predictions: ['a', 'b'],
        question: { positive: 'c' },
      }),
    ).toThrow("positive: there is no class 'c' among a, b");
  });

  it('compares groups by who is selected', () => {
    const group = ['x', 'x', 'y', 'y', null];
    const answers = answersOf('classification', {
      truth: ['yes', 'no', 'yes', 'no', 'yes'],
      predictions: ['yes', 'no', 'no', 'no', null],
      prediction: { labels },
      question: { protected: 'site' },
      protectedColumn: group,
    });
    const { fairness } = checked(answers).result;
    expect(fairness).toMatchObject({
      column: 'site',
      positive: 'yes',
      selectionRateDifference: 0.5,
      truePositiveRateDifference: 1,
    });
    expect(fairness!.groups.map(one => [one.group, one.rows])).toEqual([
      ['no value', 1],
      ['x', 2],
      ['y', 2],
    ]);
    const three = checked({
      ...answers,
      truth: ['yes', 'no', 'maybe', 'no', 'yes'],
    });
    expect(three.result.fairness).toBeUndefined();
    expect(three.result.remarks.at(-1)).toMatch(/name the one that counts/);
  });
});

describe('a regression', () => {
  it('has no values per row where a row was not answered', () => {
    const measured = checked(
      answersOf('regression', {
        truth: [1, '2', null, 4],
        predictions: [2, 2, 3, null],
      }),
    );
    expect(measured.result).toMatchObject({
      rows: 3,
      unlabelled: 1,
      unanswered: 1,
    });
    expect(metricsOf(measured).mean_absolute_error).toBe(0.5);
    expect(measured.evaluation.perRow).toBeUndefined();
    expect(measured.result.remarks).toEqual([
      'Rows without a value of mean_absolute_error are in no metric, so that no other version can be compared row by row.',
    ]);
  });

  it('takes a blank truth for none, not for 0', () => {
    const { result } = checked(
      answersOf('regression', { truth: [1, ' ', 3], predictions: [1, 2, 3] }),
    );
    expect(result).toMatchObject({ rows: 2, unlabelled: 1 });
  });

  it('says what a constant truth cannot tell, and makes up no interval of few rows', () => {
    const measured = checked(
      answersOf('regression', { truth: [5, 5], predictions: [5, 6] }),
    );
    expect(metricsOf(measured)).not.toHaveProperty('r2');
    expect(measured.result.remarks).toEqual([
      'No R²: the truth is the same in all rows.',
    ]);
    expect(intervalsOf(measured).mean_absolute_error).toBeUndefined();
  });

  it('refuses what is no number, and where nothing was answered', () => {
    expect(() =>
      measure(
        answersOf('regression', { truth: [1, 'x'], predictions: [1, 2] }),
      ),
    ).toThrow("Column 'truth' has no number in row 2");
    expect(() =>
      measure(answersOf('regression', { truth: [1], predictions: [null] })),
    ).toThrow('No row with a truth was answered');
  });
});

describe('slices', () => {
  it('are of each value, and the rarest together', () => {
    const site = Array.from({ length: 60 }, (_, row) => {
      if (row < 30) return 'north';
      return row < 40 ? null : `s${row}`;
    });
    const measured = checked(
      answersOf('classification', {
        truth: site.map(() => 'a'),
        predictions: site.map((_, row) => (row % 3 === 0 ? 'b' : 'a')),
        question: { slices: ['site'] },
        sliceColumns: [site],
      }),
    );
    const { slices } = measured.result;
    expect(slices).toHaveLength(12);
    expect(slices[0]).toEqual({
      column: 'site',
      name: 'site = north',
      rows: 30,
      value: 2 / 3,
      interval: [expect.closeTo(0.488, 3), expect.closeTo(0.808, 3)],
      few: false,
    });
    expect(slices.slice(-2).map(({ name, rows }) => [name, rows])).toEqual([
      ['site (no value)', 10],
      ['site (other values)', 11],
    ]);
    expect(slices[1]).toMatchObject({ rows: 1, few: true });
    const rows = measured.evaluation.slices!.flatMap(slice => slice.rows);
    expect(rows.sort((a, b) => a - b)).toEqual(site.map((_, row) => row));
  });

  it('cut many numbers into quarters', () => {
    const age = Array.from({ length: 40 }, (_, row) => row);
    const measured = checked(
      answersOf('regression', {
        truth: age,
        predictions: age,
        question: { slices: ['age', 'decade'] },
        sliceColumns: [age, age.map(value => value % 10)],
      }),
    );
    const { slices } = measured.result;
    expect(slices.slice(0, 4).map(({ name, rows }) => [name, rows])).toEqual([
      ['age ≤ 9', 10],
      ['age > 9 and ≤ 19', 10],
      ['age > 19 and ≤ 29', 10],
      ['age > 29', 10],
    ]);
    expect(slices[4].name).toBe('decade = 0');
  });

  it('have names of their own, also of long texts', () => {
    const long = 'x'.repeat(200);
    const measured = checked(
      answersOf('classification', {
        truth: ['a', 'a'],
        predictions: ['a', 'a'],
        question: { slices: ['text'] },
        sliceColumns: [[`${long}1`, `${long}2`]],
      }),
    );
    const names = measured.result.slices.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    names.forEach(name => expect(name.length).toBeLessThanOrEqual(100));
  });
});

it('does not depend on the order of the rows', () => {
  const { truth, predictions, probabilities, classes } = recorded.multiclass;
  const turned = <T>(values: T[]) => [...values].reverse();
  const of = (turn: <T>(values: T[]) => T[]) =>
    metricsOf(
      measure(
        answersOf('classification', {
          truth: turn(truth),
          predictions: turn(predictions),
          scores: { classes, values: turn(probabilities) },
        }),
      ),
    );
  const [straight, reversed] = [of(values => values), of(turned)];
  expect(Object.keys(reversed)).toEqual(Object.keys(straight));
  for (const [name, value] of Object.entries(straight)) {
    expect(reversed[name]).toBeCloseTo(value, 9);
  }
});

it('takes as many rows as may be asked, and its values can be compared', () => {
  const truth = Array.from({ length: 50_000 }, (_, row) => row % 10);
  const predictions = truth.map((value, row) => (row % 9 ? value : 0));
  const values = truth.map((value, row) =>
    Array.from({ length: 10 }, (_, at) =>
      at === (row % 9 ? value : 0) ? 0.91 : 0.01,
    ),
  );
  const measured = measure(
    answersOf('classification', {
      truth,
      predictions,
      scores: { classes: [...Array(10).keys()].map(String), values },
      question: { slices: ['digit'], protected: 'digit', positive: '0' },
      sliceColumns: [truth],
      protectedColumn: truth,
    }),
  );
  const { perRow } = measured.evaluation;
  expect(
    pairedBootstrap({ base: perRow!, candidate: perRow!, higherIsBetter: true })
      .improvement,
  ).toBe(0);
});
