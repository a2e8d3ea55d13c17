import { alignCurves, type CurveSeries, thin, valueAt } from './curves';

const curve = (id: string, points: CurveSeries['points']): CurveSeries => ({
  id,
  label: id,
  color: 'red',
  points,
});

describe('alignCurves', () => {
  it('tells a step without a point from a hole in the line', () => {
    expect(
      alignCurves(
        [
          curve('a', [
            { x: 0, y: 1 },
            { x: 2, y: undefined },
          ]),
          curve('b', [{ x: 1, y: -3 }]),
        ],
        'linear',
      ),
    ).toEqual([
      [0, 1, 2],
      [1, undefined, null],
      [undefined, -3, undefined],
    ]);
  });

  it('has no place on a logarithmic axis for what is not above zero', () => {
    const points = [0, -1, 10].map((y, x) => ({ x, y }));
    expect(alignCurves([curve('a', points)], 'log')[1]).toEqual([
      null,
      null,
      10,
    ]);
  });
});

describe('valueAt', () => {
  const points = [
    { x: 1, y: 10 },
    { x: 5, y: 50 },
  ];

  it('is the last known value, within what was measured', () => {
    expect([0, 1, 4, 5, 6].map(x => valueAt(points, x))).toEqual([
      undefined,
      10,
      10,
      50,
      undefined,
    ]);
    expect(valueAt([], 1)).toBeUndefined();
  });
});

describe('thin', () => {
  it('keeps the first and the last', () => {
    expect(thin([1, 2, 3], 5)).toEqual([1, 2, 3]);
    const rows = Array.from({ length: 101 }, (_, i) => i);
    expect(thin(rows, 5)).toEqual([0, 25, 50, 75, 100]);
  });
});
