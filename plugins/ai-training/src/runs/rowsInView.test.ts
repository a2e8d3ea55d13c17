import { rowsInView } from './rowsInView';

const view = (scrolled: number, count = 10_000) =>
  rowsInView({ scrolled, height: 400, rowHeight: 40, count, around: 5 });

describe('rowsInView', () => {
  it('has the rows in sight and some around them', () => {
    expect(view(0)).toEqual({ from: 0, to: 15 });
    expect(view(4_000)).toEqual({ from: 95, to: 115 });
    expect(view(399_600)).toEqual({ from: 9_985, to: 10_000 });
  });

  it('has no row that is not there', () => {
    expect(view(0, 3)).toEqual({ from: 0, to: 3 });
    // After a filter left fewer rows than were scrolled away.
    expect(view(4_000, 3)).toEqual({ from: 0, to: 3 });
    expect(view(0, 0)).toEqual({ from: 0, to: 0 });
  });
});
