import { makeRun } from '../__testUtils__/fixtures';
import { correlationsWith } from './correlations';
import { differencesOf } from './differences';
import { spearman } from './spearman';

const run = (params: Record<string, string>, loss?: number) =>
  makeRun({
    params,
    metrics:
      loss === undefined ? [] : [{ key: 'loss', value: loss, at: 1, step: 1 }],
  });

describe('differencesOf', () => {
  it('says which parameters and metrics are the same everywhere', () => {
    const rows = differencesOf([
      run({ depth: '3', seed: '1' }, 0.2),
      run({ depth: '4', seed: '1' }),
    ]);
    expect(
      rows.map(({ field, values, isEqual }) => [field.key, values, isEqual]),
    ).toEqual([
      ['loss', [0.2, undefined], false],
      ['depth', [3, 4], false],
      ['seed', [1, 1], true],
    ]);
  });
});

describe('spearman', () => {
  it('is 1 for any growing curve, and -1 for a falling one', () => {
    expect(
      spearman([
        [1, 1],
        [2, 8],
        [3, 900],
      ]),
    ).toEqual({ rho: 1, pairs: 3 });
    expect(
      spearman([
        [1, 9],
        [2, 8],
        [3, -7],
      ])?.rho,
    ).toBe(-1);
  });

  it('shares the ranks of equal values', () => {
    // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4])
    expect(
      spearman([
        [1, 1],
        [2, 3],
        [2, 2],
        [3, 4],
      ])?.rho,
    ).toBeCloseTo(0.9486832980505139, 12);
  });

  it('says nothing of too few pairs, or of a constant', () => {
    expect(
      spearman([
        [1, 1],
        [2, 2],
      ]),
    ).toBeUndefined();
    expect(
      spearman([
        [1, 1],
        [1, 2],
        [1, 3],
      ]),
    ).toBeUndefined();
  });
});

describe('correlationsWith', () => {
  it('has numeric parameters, the strongest first, and names the others', () => {
    const runs = [
      run({ depth: '1', rate: '3', optimizer: 'adam' }, 4),
      run({ depth: '2', rate: '1', optimizer: 'sgd' }, 3),
      run({ depth: '3', rate: '2', optimizer: 'adam' }, 1),
      run({ depth: '4', optimizer: 'sgd' }),
    ];
    const { correlations, left } = correlationsWith(runs, {
      kind: 'metrics',
      key: 'loss',
    });
    expect(correlations.map(({ param, pairs }) => [param, pairs])).toEqual([
      ['depth', 3],
      ['rate', 3],
    ]);
    expect(correlations[0].rho).toBe(-1);
    expect(correlations[1].rho).toBeCloseTo(0.5, 12);
    expect(left).toEqual(['optimizer']);
  });
});
