import { readView, writeView } from './view';

const read = (address: string) => readView(new URLSearchParams(address));

describe('the view of an experiment in its address', () => {
  it('is short where all is as usual', () => {
    expect(String(writeView(new URLSearchParams(), read('')))).toBe('');
  });

  it('comes back as it was', () => {
    const view = {
      ...read(''),
      filter: "metrics.loss < 1 and params.a = 'x&y'",
      sort: { by: 'metrics.val-loss', ascending: true },
      columns: ['metrics.a, b', 'params.c'],
      deleted: true,
      selected: ['r1', 'r2'],
      tab: 'points' as const,
      metrics: [],
      smoothing: 0.6,
      axis: 'seconds' as const,
      scale: 'log' as const,
      showEqual: true,
      x: 'params.c',
      y: 'metrics.a',
    };
    expect(
      readView(
        new URLSearchParams(String(writeView(new URLSearchParams(), view))),
      ),
    ).toEqual(view);
  });

  it('leaves out what makes no sense', () => {
    expect(
      read('sort=up&smoothing=7&axis=z&tab=none&run=a&run=a&run='),
    ).toEqual({ ...read(''), selected: ['a'] });
    expect(read('smoothing=x').smoothing).toBe(0);
  });

  it('leaves alone what others wrote there', () => {
    expect(
      String(writeView(new URLSearchParams('other=1'), read('filter=a'))),
    ).toBe('other=1&filter=a');
  });
});
