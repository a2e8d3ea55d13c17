import { createPopulation, stepPopulation } from './populationBasedTraining';
import type { SearchSpace } from './space';

const median = (values: number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1];

describe('population based training', () => {
  it('turns a population to good settings while it trains', () => {
    const space: SearchSpace = {
      rate: { kind: 'float', low: 1e-4, high: 10, log: true },
    };
    const population = createPopulation(space, { size: 20, seed: 2 });
    const weights = population.members.map(() => 5);
    const copied = Array.from({ length: 30 * 20 }, (_, turn) => {
      const i = turn % 20;
      // Gradient descent on w^2: rates near 0.5 are best, those above 1 diverge.
      const rate = Number(population.members[i].configuration.rate);
      const moved = weights[i] * (1 - 2 * rate);
      weights[i] = Math.max(-1e6, Math.min(1e6, moved));
      const loss = Math.abs(weights[i]) + 1e-9;
      const { copyFrom } = stepPopulation(population, space, i, loss);
      if (copyFrom !== undefined) weights[i] = weights[copyFrom];
      return copyFrom !== undefined;
    });
    expect(copied.filter(Boolean).length).toBeGreaterThan(20);
    expect(median(weights.map(Math.abs))).toBeLessThan(0.01);
    for (const { configuration } of population.members) {
      expect(Number(configuration.rate)).toBeGreaterThanOrEqual(1e-4);
      expect(Number(configuration.rate)).toBeLessThanOrEqual(10);
    }
  });

  it('varies by a fifth, keeps steps, and refuses strangers', () => {
    const space: SearchSpace = {
      n: { kind: 'int', low: 1, high: 9 },
      k: { kind: 'choice', values: ['a', 'b'] },
    };
    const population = createPopulation(space, { size: 5 });
    for (let i = 0; i < 100; i++) {
      const { configuration } = stepPopulation(population, space, i % 5, i % 5);
      expect(Number.isInteger(configuration.n)).toBe(true);
      expect(['a', 'b']).toContain(configuration.k);
    }
    expect(() => stepPopulation(population, space, 5, 1)).toThrow(
      'no member 5',
    );
    expect(() => createPopulation(space, { size: 1 })).toThrow('two members');
  });
});
