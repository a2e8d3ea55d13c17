import { chiSquareUpperTail } from '../distributions/chiSquare';
import { kolmogorovUpperTail } from '../drift/kolmogorovDistribution';
import { betaCdf } from '../distributions/beta';
import { gammaCdf } from '../distributions/gamma';
import { normalCdf } from '../distributions/normal';
import {
  createRandom,
  nextInteger,
  nextNormal,
  nextUint32,
  nextUniform,
  shuffle,
} from './random';
import type { RandomState } from './random';
import { nextBeta, nextExponential, nextGamma } from './randomDistributions';

/** One-sample Kolmogorov-Smirnov p-value of draws against their distribution. */
function fit(
  draw: (random: RandomState) => number,
  cdf: (x: number) => number,
) {
  const random = createRandom(99);
  const sorted = Float64Array.from({ length: 5000 }, () => draw(random)).sort();
  let gap = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    gap = Math.max(gap, p - i / 5000, (i + 1) / 5000 - p);
  });
  return kolmogorovUpperTail(gap * Math.sqrt(5000));
}

describe('xoshiro128**', () => {
  it('gives the numbers of the reference implementation for the state 1, 2, 3, 4', () => {
    const state: RandomState = { words: [1, 2, 3, 4] };
    expect(Array.from({ length: 10 }, () => nextUint32(state))).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034,
      3734860849, 3729100597, 4258142804,
    ]);
  });

  it('goes on from JSON, and differs by seed and by stream', () => {
    const state = createRandom(5);
    nextUniform(state);
    const stored: RandomState = JSON.parse(JSON.stringify(state));
    expect(nextUniform(stored)).toBe(nextUniform(state));
    const firsts = [
      createRandom(5),
      createRandom(6),
      createRandom(5, 1),
      createRandom(5 + 2 ** 32),
      createRandom(-1),
    ].map(nextUint32);
    expect(new Set(firsts).size).toBe(5);
  });

  it('has streams that do not follow each other', () => {
    let sum = 0;
    for (let stream = 0; stream < 2000; stream++) {
      sum +=
        nextUniform(createRandom(1, stream)) *
        nextUniform(createRandom(1, stream + 1));
    }
    expect(sum / 2000).toBeCloseTo(0.25, 1);
  });

  it('draws integers without bias, and shuffles evenly', () => {
    const random = createRandom(4);
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = shuffle(random, [1, 2, 3]).join('');
      orders.set(key, (orders.get(key) ?? 0) + 1);
    }
    const chiSquare = [...orders.values()].reduce(
      (s, c) => s + (c - 1000) ** 2 / 1000,
      0,
    );
    expect(orders.size).toBe(6);
    expect(chiSquareUpperTail(chiSquare, 5)).toBeGreaterThan(0.001);
    const large = Array.from({ length: 3000 }, () =>
      nextInteger(random, 3 * 2 ** 30),
    );
    expect(large.filter(x => x >= 2 ** 31).length / 3000).toBeCloseTo(1 / 3, 1);
  });

  it.each<[string, (random: RandomState) => number, (x: number) => number]>([
    ['uniform', nextUniform, x => x],
    ['normal', nextNormal, normalCdf],
    ['exponential', nextExponential, x => 1 - Math.exp(-x)],
    ['gamma 0.3', r => nextGamma(r, 0.3), x => gammaCdf(x, { shape: 0.3 })],
    ['gamma 7', r => nextGamma(r, 7), x => gammaCdf(x, { shape: 7 })],
    [
      'beta 2, 5',
      r => nextBeta(r, 2, 5),
      x => betaCdf(x, { alpha: 2, beta: 5 }),
    ],
    [
      'beta 0.5, 0.5',
      r => nextBeta(r, 0.5, 0.5),
      x => betaCdf(x, { alpha: 0.5, beta: 0.5 }),
    ],
  ])('draws from the %s distribution', (_, draw, cdf) => {
    expect(fit(draw, cdf)).toBeGreaterThan(0.001);
  });

  it('refuses what would draw for ever, or nothing that is a number', () => {
    const random = createRandom(3);
    for (const bad of [NaN, 0, -1, Infinity]) {
      expect(() => nextGamma(random, bad)).toThrow(`shape is ${bad}`);
      expect(() => nextBeta(random, bad, 1)).toThrow(`alpha is ${bad}`);
      expect(() => nextBeta(random, 1, bad)).toThrow(`beta is ${bad}`);
      expect(() => nextInteger(random, bad)).toThrow(`bound is ${bad}`);
    }
    expect(() => nextInteger(random, 2.5)).toThrow('bound is 2.5');
    expect(() => nextInteger(random, 2 ** 32 + 1)).toThrow('bound is');
    expect(nextInteger(random, 1)).toBe(0);
  });
});
