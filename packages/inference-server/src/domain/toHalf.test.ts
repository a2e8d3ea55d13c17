import { fromHalf } from './fromHalf';
import { toHalf } from './toHalf';

describe('toHalf', () => {
  it('gives back every half that there is', () => {
    const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
    const wrong = all.filter(bits => {
      const back = toHalf(fromHalf(bits));
      return Number.isNaN(fromHalf(bits))
        ? !Number.isNaN(fromHalf(back))
        : back !== bits;
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['between two, the nearer', 1.0004, 1],
    ['between two, the nearer above', 1.0006, 1 + 2 ** -10],
    ['half way, the even one below', 1 + 2 ** -11, 1],
    ['half way, the even one above', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['up to the next power of two', 2 - 2 ** -12, 2],
    ['the largest', 65_519, 65_504],
    ['beyond the largest', 65_520, Infinity],
    ['far beyond', -1e9, -Infinity],
    ['the smallest', 2 ** -24, 2 ** -24],
    ['below half of the smallest', 2 ** -26, 0],
  ])('takes %s', (_what, value, expected) => {
    expect(fromHalf(toHalf(value))).toBe(expected);
  });
});
