import { addRow, compareProfiles, emptyProfile } from '@greenroom/ml-kit';
import type {
  Datatype,
  ModelSchema,
  ReferenceValue,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import { freezeReference } from './freezeReference';

const schema: ModelSchema = {
  task: 'regression',
  features: [
    { name: 'age', tensor: 'x', index: 0 },
    { name: 'weight', tensor: 'x', index: 1 },
  ],
  prediction: { tensor: 'y' },
};

const signature: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [],
};

const rows = [
  [30, 60],
  [40, 70],
];

describe('freezeReference', () => {
  it('names the columns after the features', () => {
    const baseline = freezeReference(
      { features: rows, predictions: [1.5, 2.5] },
      schema,
      signature,
    );
    expect(baseline.rows).toBe(2);
    expect(baseline.features.map(({ name }) => name)).toEqual([
      'age',
      'weight',
    ]);
    expect(baseline.features[0].moments?.mean).toBeCloseTo(35);
    expect(baseline.prediction?.histogram.kind).toBe('numeric');
  });

  it.each<[string, number[][], (number | string)[], RegExp]>([
    ['no rows', [], [], /0 rows of features/],
    ['too few predictions', rows, [1], /2 rows of features and 1 predictions/],
    ['a short row', [[30, 60], [40]], [1, 2], /features\[1\] has 1 values/],
    ['a class of a regression', rows, [1, 'high'], /predictions\[1\]/],
  ])('refuses %s', (_what, features, predictions, message) => {
    expect(() =>
      freezeReference({ features, predictions }, schema, signature),
    ).toThrow(message);
  });

  it('needs a schema', () => {
    expect(() =>
      freezeReference(
        { features: rows, predictions: [1, 2] },
        undefined,
        signature,
      ),
    ).toThrow(/schema is missing/);
  });

  const freezeOne = (
    datatype: Datatype,
    values: ReferenceValue[],
    kind?: 'categorical',
  ) =>
    freezeReference(
      {
        features: values.map(value => [value]),
        predictions: values.map(() => 1),
      },
      {
        task: 'regression',
        features: [{ name: 'f', tensor: 'x', index: 0, kind }],
        prediction: { tensor: 'y' },
      },
      { inputs: [{ name: 'x', datatype, shape: [-1] }], outputs: [] },
    );

  it.each<[string, Datatype, ReferenceValue[], object]>([
    [
      'texts',
      'BYTES',
      ['de', 'de', 'fr', null],
      {
        kind: 'categorical',
        categories: ['de', 'fr'],
        counts: [2, 1],
        nulls: 1,
      },
    ],
    [
      'booleans, also as 0 and 1',
      'BOOL',
      [true, false, 1, null],
      {
        kind: 'categorical',
        categories: ['false', 'true'],
        counts: [1, 2],
        nulls: 1,
      },
    ],
    [
      'integers',
      'INT64',
      [1, 2, 2, null],
      { kind: 'numeric', counts: [1, 2], nulls: 1 },
    ],
    ['half precision', 'FP16', [0.5, null], { kind: 'numeric', nulls: 1 }],
  ])('profiles %s as what they are', (_what, datatype, values, histogram) => {
    expect(freezeOne(datatype, values).features[0].histogram).toMatchObject(
      histogram,
    );
  });

  it('profiles codes by their names where the schema says so', () => {
    const { features } = freezeOne('INT32', [4, 7, 4], 'categorical');
    expect(features[0].histogram).toMatchObject({
      categories: ['4', '7'],
      counts: [2, 1],
    });
  });

  it.each<[Datatype, ReferenceValue, RegExp]>([
    ['BYTES', 3, /features\[0\]\[0\] must be a text or null/],
    ['BOOL', 'yes', /must be true, false or null/],
    ['FP32', 'secret', /^(?!.*secret).*must be a number or null/],
    ['INT8', true, /must be a number or null/],
  ])(
    'refuses in an input of type %s the value %j',
    (datatype, value, message) => {
      expect(() => freezeOne(datatype, [value])).toThrow(message);
    },
  );

  it('watches of free text only whether it is missing, and does not call it drift', () => {
    const texts = (from: number) =>
      Array.from({ length: 300 }, (_, index) => `comment ${from + index}`);
    const baseline = freezeOne('BYTES', texts(0));
    expect(baseline.features[0].histogram).toMatchObject({
      categories: [],
      unseen: 300,
    });
    const statusOf = (values: (string | null)[]) => {
      const live = emptyProfile(baseline);
      for (const value of values) addRow(live, [value], 1);
      return compareProfiles(baseline, live).features[0].status;
    };
    expect(statusOf(texts(1_000))).toBe('ok');
    expect(
      statusOf(texts(1_000).map((text, at) => (at % 2 ? text : null))),
    ).toBe('alert');
  });
});
