import { createRandom, nextUniform } from '../random/random';
import {
  probabilityOfBest,
  sampleThompson,
  topTwoWeights,
  withFloor,
} from './bandit';

describe('bandits', () => {
  const beta = (alpha: number, betaParameter: number) =>
    ({ kind: 'beta', alpha, beta: betaParameter } as const);
  const normal = (mu: number, standardError: number) =>
    ({ kind: 'normal', mean: mu, standardError } as const);

  it.each([
    [beta(50, 52), beta(52, 50), 0.610771],
    [beta(101, 901), beta(121, 881), 0.923183],
  ])('probability that the second of two is best', (a, b, expected) => {
    const [first, second] = probabilityOfBest([a, b]);
    expect(second).toBeCloseTo(expected, 6);
    expect(first + second).toBeCloseTo(1, 12);
    expect(probabilityOfBest([a, b], { higherIsBetter: false })[0]).toBeCloseTo(
      expected,
      6,
    );
  });

  // Closed forms where there is one, else mpmath with 25 digits
  it.each([
    [
      'narrow against wide normals',
      [normal(0, 1), normal(0.3, 1e-4)],
      0.382088578383129,
    ],
    [
      'betas far apart in spread',
      [beta(1, 2001), beta(50, 20000)],
      0.00854661730381582,
    ],
    [
      'a density that is infinite at its ends',
      [beta(0.5, 0.5), beta(10, 12)],
      0.529634246537171,
    ],
    ['nearly a coin', [beta(0.01, 0.01), beta(1, 1)], 0.5],
    [
      'shares below the smallest double',
      [beta(0.01, 0.01), beta(0.02, 0.03)],
      0.550039480493048,
    ],
    ['shapes of next to nothing', [beta(1e-9, 1e-9), beta(3, 3)], 0.5],
    ['three betas', [beta(3, 5), beta(2, 2), beta(40, 60)], 0.225669080307499],
    [
      'a beta and a normal',
      [beta(0.3, 0.4), normal(0.6, 0.2)],
      0.367426903545698,
    ],
    ['millions of units', [beta(4e6, 4e6), beta(4e6, 4e6)], 0.5],
  ])('is exact to 1e-9 for %s', (_, arms, expected) => {
    const mirrored = arms.map(arm =>
      arm.kind === 'beta'
        ? beta(arm.beta, arm.alpha)
        : normal(1 - arm.mean, arm.standardError),
    );
    const [first] = probabilityOfBest(arms);
    expect(Math.abs(first - expected)).toBeLessThan(1e-9);
    const [least] = probabilityOfBest(mirrored, { higherIsBetter: false });
    expect(Math.abs(least - expected)).toBeLessThan(1e-9);
  });

  it('agrees with draws for three arms, for higher and for lower is better', () => {
    const random = createRandom(5);
    const arms = [normal(1, 0.2), normal(1.1, 0.1), beta(30, 4)];
    for (const higherIsBetter of [true, false]) {
      const wins = [0, 0, 0];
      for (let i = 0; i < 20_000; i++) {
        wins[sampleThompson(random, arms, { higherIsBetter })]++;
      }
      probabilityOfBest(arms, { higherIsBetter }).forEach((p, i) => {
        expect(Math.abs(wins[i] / 20_000 - p)).toBeLessThan(0.012);
      });
    }
  });

  it('gives latency arms the right order: lower is better', () => {
    const arms = [normal(90, 5), normal(100, 5), normal(200, 5)];
    const best = probabilityOfBest(arms, { higherIsBetter: false });
    const weights = topTwoWeights(best);
    expect(best[0]).toBeGreaterThan(0.9);
    expect(weights[0]).toBeCloseTo(0.5, 3);
    expect(weights[1]).toBeCloseTo(0.5, 3);
    expect(weights[2]).toBeLessThan(0.001);
  });

  it('top two gives two arms half each, whatever is known', () => {
    for (const best of [
      [0.5, 0.5],
      [0.99, 0.01],
      [1, 0],
    ]) {
      expect(topTwoWeights(best)[0]).toBeCloseTo(0.5, 12);
      expect(topTwoWeights(best)[1]).toBeCloseTo(0.5, 12);
    }
    expect(topTwoWeights([1])).toEqual([1]);
    expect(topTwoWeights([1, 0, 0])).toEqual([0.5, 0.25, 0.25]);
  });

  it('keeps a floor for every arm, and the sum at 1', () => {
    expect(withFloor([1, 0])).toEqual([0.99, 0.01]);
    const weights = withFloor([0.7, 0.2, 0.1], 0.05);
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(withFloor([1, 0], 0.9)).toEqual([0.5, 0.5]);
  });

  it('finds the better arm, Bernoulli and lower is better', () => {
    const random = createRandom(6);
    const rates = [0.1, 0.3];
    const arms = [beta(1, 1), beta(1, 1)].map(arm => ({ ...arm }));
    let better = 0;
    for (let i = 0; i < 1000; i++) {
      const chosen = sampleThompson(random, arms, { higherIsBetter: false });
      if (chosen === 0) better++;
      if (nextUniform(random) < rates[chosen]) arms[chosen].alpha++;
      else arms[chosen].beta++;
    }
    expect(better).toBeGreaterThan(850);
  });

  it('refuses an improper posterior', () => {
    expect(() => probabilityOfBest([normal(0, 0)])).toThrow(
      'Arm 0 has no proper',
    );
    expect(() => probabilityOfBest([beta(0, 1)])).toThrow(
      'Arm 0 has no proper',
    );
    expect(() => probabilityOfBest([beta(1, Infinity)])).toThrow(
      'Arm 0 has no proper',
    );
    expect(probabilityOfBest([])).toEqual([]);
  });
});
