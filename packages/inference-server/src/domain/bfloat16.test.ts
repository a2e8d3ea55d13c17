import { fromBfloat16, toBfloat16 } from './bfloat16';

describe('toBfloat16', () => {
  it('gives back every number that there is', () => {
    const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
    const wrong = all.filter(bits => {
      const back = toBfloat16(fromBfloat16(bits));
      return Number.isNaN(fromBfloat16(bits))
        ? !Number.isNaN(fromBfloat16(back))
        : back !== bits;
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['between two, the nearer', 1.003, 1],
    ['between two, the nearer above', 1.005, 1 + 2 ** -7],
    ['half way, the even one below', 1 + 2 ** -8, 1],
    ['half way, the even one above', 1 + 3 * 2 ** -8, 1 + 2 ** -6],
    ['up to the next power of two', 2 - 2 ** -10, 2],
    ['beyond the largest', 3.4e38, Infinity],
    ['far beyond', -1e300, -Infinity],
    ['the smallest', 2 ** -133, 2 ** -133],
    ['below half of the smallest', 2 ** -136, 0],
    ['zero with its sign', -0, -0],
  ])('takes %s', (_what, value, expected) => {
    expect(fromBfloat16(toBfloat16(value))).toBe(expected);
  });
});
