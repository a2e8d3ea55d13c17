import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { freezeReference } from './freezeReference';

const schema: ModelSchema = {
  task: 'regression',
  features: [
    { name: 'age', tensor: 'x', index: 0 },
    { name: 'weight', tensor: 'x', index: 1 },
  ],
  prediction: { tensor: 'y' },
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
    expect(() => freezeReference({ features, predictions }, schema)).toThrow(
      message,
    );
  });

  it('needs a schema', () => {
    expect(() =>
      freezeReference({ features: rows, predictions: [1, 2] }, undefined),
    ).toThrow(/schema is missing/);
  });
});
