import { compareAnswers, wilsonInterval } from './compareAnswers';

describe('compareAnswers', () => {
  it('counts what changes, and from which class to which', () => {
    const changes = compareAnswers(
      ['a', 'a', 'b', 'a', 'b', 3],
      ['a', 'b', 'b', 'b', 'a', '3'],
    );
    expect(changes).toEqual({
      rows: 6,
      changed: 4,
      interval: [expect.closeTo(0.3, 2), expect.closeTo(0.903, 2)],
      moves: [
        { from: 'a', to: 'b', rows: 2 },
        { from: 'b', to: 'a', rows: 1 },
        { from: '3', to: '3', rows: 1 },
      ],
    });
  });

  it('takes numbers of single precision for the same, and says how far others move', () => {
    const changes = compareAnswers([1, 100, 0, -2], [1.00001, 110, 0, 2]);
    expect(changes).toMatchObject({
      rows: 4,
      changed: 2,
      moves: [],
      distance: { mean: expect.closeTo(3.5, 4), largest: 10 },
    });
  });

  it('leaves out rows that one of them did not answer', () => {
    expect(compareAnswers(['a', null, 'b'], ['a', 'b'])).toMatchObject({
      rows: 1,
      changed: 0,
    });
    expect(compareAnswers([null], ['a'])).toBeUndefined();
    expect(compareAnswers([], [])).toBeUndefined();
  });

  it('is as unsure of few rows as they deserve', () => {
    // Values of R's binom::binom.wilson.
    expect(wilsonInterval(0, 10)).toEqual([0, expect.closeTo(0.27753, 5)]);
    expect(wilsonInterval(10, 10)).toEqual([expect.closeTo(0.72247, 5), 1]);
    expect(wilsonInterval(5, 100)).toEqual([
      expect.closeTo(0.02154, 5),
      expect.closeTo(0.11175, 5),
    ]);
  });
});
