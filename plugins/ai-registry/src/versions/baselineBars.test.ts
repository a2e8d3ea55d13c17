import { baselineBars } from './baselineBars';

describe('baselineBars', () => {
  it('draws density, not counts, for bins of unequal width', () => {
    const bars = baselineBars({
      kind: 'numeric',
      edges: [0, 1, 4],
      counts: [50, 50],
      underflow: 0,
      overflow: 0,
      nulls: 0,
      nans: 0,
    });
    expect(bars).toEqual([
      { left: 0, width: 0.25, height: 1, share: 0.5, label: '0 to 1' },
      { left: 0.25, width: 0.75, height: 1 / 3, share: 0.5, label: '1 to 4' },
    ]);
  });

  it('gives categories equal widths', () => {
    const bars = baselineBars({
      kind: 'categorical',
      categories: ['a', 'b'],
      counts: [30, 10],
      unseen: 0,
      nulls: 0,
    });
    expect(
      bars.map(({ label, width, height }) => [label, width, height]),
    ).toEqual([
      ['a', 0.5, 1],
      ['b', 0.5, 1 / 3],
    ]);
  });

  it('draws nothing without rows', () => {
    expect(
      baselineBars({
        kind: 'categorical',
        categories: ['a'],
        counts: [0],
        unseen: 0,
        nulls: 0,
      }),
    ).toEqual([]);
  });
});
