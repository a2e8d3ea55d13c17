import { histogramBars } from './histogramBars';

describe('histogramBars', () => {
  it('gives shares of everything seen, and slots outside of the bins only when they hold something', () => {
    const edges = [0, 1, 2];
    const bars = histogramBars(
      {
        kind: 'numeric',
        edges,
        counts: [6, 4],
        underflow: 0,
        overflow: 0,
        nulls: 0,
        nans: 0,
      },
      {
        kind: 'numeric',
        edges,
        counts: [1, 1],
        underflow: 0,
        overflow: 2,
        nulls: 0,
        nans: 0,
      },
    );
    expect(bars.map(bar => [bar.label, bar.baseline, bar.current])).toEqual([
      ['0', 0.6, 0.25],
      ['1', 0.4, 0.25],
      ['> 2', 0, 0.5],
    ]);
    expect(bars[2]).toMatchObject({ outside: true, currentCount: 2 });
  });

  it('finds categories by name and shows unseen ones', () => {
    const bars = histogramBars(
      {
        kind: 'categorical',
        categories: ['cat', 'dog'],
        counts: [1, 3],
        unseen: 0,
        nulls: 0,
      },
      {
        kind: 'categorical',
        categories: ['dog', 'cat'],
        counts: [0, 2],
        unseen: 2,
        nulls: 0,
      },
    );
    expect(bars.map(bar => [bar.label, bar.baseline, bar.current])).toEqual([
      ['cat', 0.25, 0.5],
      ['dog', 0.75, 0],
      ['unseen', 0, 0.5],
    ]);
  });

  it('has no shares without data', () => {
    const empty = {
      kind: 'categorical' as const,
      categories: ['a'],
      counts: [0],
      unseen: 0,
      nulls: 0,
    };
    expect(histogramBars(empty, empty)[0]).toMatchObject({
      baseline: 0,
      current: 0,
    });
  });
});
