import { smooth } from './smooth';

describe('smooth', () => {
  it('leaves a constant as it is, from the first value on', () => {
    for (const value of smooth([5, 5, 5, 5], 0.9)) {
      expect(value).toBeCloseTo(5, 12);
    }
  });

  it('weighs what came before', () => {
    const [first, second, third] = smooth([1, 0, 0], 0.5);
    expect(first).toBe(1);
    // (1·0.25 + 0·0.5) / 0.75
    expect(second).toBeCloseTo(1 / 3, 12);
    // (1·0.125 + 0·0.25 + 0·0.5) / 0.875
    expect(third).toBeCloseTo(1 / 7, 12);
  });

  it('steps over holes', () => {
    const [first, hole, third] = smooth([1, undefined, 0], 0.5);
    expect([first, hole]).toEqual([1, undefined]);
    expect(third).toBeCloseTo(1 / 3, 12);
  });

  it('changes nothing without a weight', () => {
    expect(smooth([1, 2], 0)).toEqual([1, 2]);
    expect(smooth([1, 2], 1)).toEqual([1, 2]);
  });
});
