import { expectedLines, outcomeSeries } from './outcomeSeries';

const item = (day: string, version: number, changes: object) => ({
  day,
  model: 'digits',
  version,
  name: 'label',
  matched: 10,
  ...changes,
});

describe('outcomeSeries', () => {
  it('has a line a version, day by day', () => {
    const items = [
      item('2026-05-02', 2, { accuracy: 0.9 }),
      item('2026-05-01', 2, { accuracy: 0.8 }),
      item('2026-05-01', 1, { accuracy: 0.7 }),
      { ...item('2026-05-01', 1, { mean: 5 }), name: 'amount' },
    ];
    expect(outcomeSeries(items, 'label')).toEqual({
      isAccuracy: true,
      lines: [
        { version: 1, points: [{ at: '2026-05-01', value: 0.7 }] },
        {
          version: 2,
          points: [
            { at: '2026-05-01', value: 0.8 },
            { at: '2026-05-02', value: 0.9 },
          ],
        },
      ],
    });
    expect(outcomeSeries(items, 'amount')).toMatchObject({
      isAccuracy: false,
      lines: [{ version: 1, points: [{ value: 5 }] }],
    });
  });
});

describe('expectedLines', () => {
  it('has a line a version, day by day', () => {
    const of = (day: string, version: number, accuracy: number) => ({
      day,
      version,
      accuracy,
      predictions: 5,
    });
    const expected = [
      of('2026-05-02', 2, 0.9),
      of('2026-05-01', 1, 0.7),
      of('2026-05-01', 2, 0.8),
    ];
    expect(expectedLines(expected)).toEqual([
      { version: 1, points: [{ at: '2026-05-01', value: 0.7 }] },
      {
        version: 2,
        points: [
          { at: '2026-05-01', value: 0.8 },
          { at: '2026-05-02', value: 0.9 },
        ],
      },
    ]);
  });
});
