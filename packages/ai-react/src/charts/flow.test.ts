import { placeNodes, relatedTo, widthsOf } from './flow';

describe('a graph of columns', () => {
  it('fills its width, however many columns it has', () => {
    for (const columns of [1, 2, 4, 6]) {
      const { nodeWidth, columnWidth } = widthsOf(columns);
      expect((columns - 1) * columnWidth + nodeWidth).toBeCloseTo(100);
    }
  });

  it('puts shorter columns in the middle', () => {
    const places = placeNodes([['a', 'b', 'c'], [], ['d']], {
      columnWidth: 30,
      rowHeight: 10,
    });
    expect(places.get('c')).toEqual({ x: 0, y: 20 });
    expect(places.get('d')).toEqual({ x: 60, y: 10 });
  });

  it('relates a node to what it comes from and leads to, not to its neighbours', () => {
    const edges = [
      { from: 'data', to: 'run' },
      { from: 'run', to: 'one' },
      { from: 'run', to: 'two' },
      // Somebody else's circle must not keep it going for ever.
      { from: 'two', to: 'run' },
    ];
    expect([...relatedTo('one', edges)].sort()).toEqual([
      'data',
      'one',
      'run',
      'two',
    ]);
    expect([...relatedTo('data', edges.slice(0, 2))]).toEqual([
      'data',
      'run',
      'one',
    ]);
    expect([...relatedTo('one', edges.slice(0, 3))].sort()).toEqual([
      'data',
      'one',
      'run',
    ]);
  });
});
