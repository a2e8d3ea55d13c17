import { typicalValues } from './typicalValues';

const feature = (name: string, range?: [number, number]) => ({
  name,
  tensor: 'x',
  index: 0,
  range,
});

describe('typicalValues', () => {
  it('takes the median of the baseline, and the middle of the range without one', () => {
    const baseline = {
      formatVersion: 1 as const,
      rows: 100,
      features: [
        {
          name: 'age',
          histogram: {
            kind: 'numeric' as const,
            edges: [0, 10, 20, 30],
            counts: [10, 80, 10],
            underflow: 0,
            overflow: 0,
            nulls: 0,
            nans: 0,
          },
        },
      ],
    };
    expect(
      typicalValues(
        [
          feature('age', [0, 30]),
          feature('ratio', [2, 9.1]),
          feature('constant', [3, 3]),
          feature('unknown'),
        ],
        baseline,
      ),
    ).toEqual({ age: 15, ratio: 5.55, constant: 3, unknown: 0 });
  });
});
