import { mannWhitneyTest } from '../experiment/mannWhitney';
import {
  createRandomSearch,
  reportResult,
  suggestRandom,
} from './randomSearch';
import { bestResult } from './searcher';
import type { Configuration, SearchSpace } from './space';
import { createTpe, suggestTpe } from './tpe';
import {
  BRANIN,
  HARTMANN,
  MIXED,
  branin,
  hartmann,
  bowlOfChoices,
} from './__testUtils__/testFunctions';

function bestOf(
  method: 'tpe' | 'random',
  space: SearchSpace,
  loss: (c: Configuration) => number,
  trials: number,
  seed: number,
): number {
  const state = method === 'tpe' ? createTpe(seed) : createRandomSearch(seed);
  for (let i = 0; i < trials; i++) {
    const configuration =
      method === 'tpe' ? suggestTpe(state, space) : suggestRandom(state, space);
    reportResult(state, { configuration, loss: loss(configuration) });
  }
  return bestResult(state)!.loss;
}

const median = (values: number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1];
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('test functions', () => {
  it('have their published minima', () => {
    expect(branin({ x: Math.PI, y: 2.275 })).toBeCloseTo(0.397887, 6);
    const minimum = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573];
    expect(
      hartmann(
        Object.fromEntries(
          Object.keys(HARTMANN).map((n, i) => [n, minimum[i]]),
        ),
      ),
    ).toBeCloseTo(-3.32237, 5);
  });
});

describe('TPE', () => {
  it('finds the best of a mixed space more often than Optuna, whose median is 0.80', () => {
    const best = seeds(60).map(seed =>
      bestOf('tpe', MIXED, bowlOfChoices, 100, seed),
    );
    const better = best.filter(loss => loss < 0.8).length / 60;
    expect(better).toBeGreaterThan(0.65);
    const least = {
      model: 'b',
      optimizer: 'q',
      layers: 20,
      rate: 0.001,
      x: -2,
    };
    expect(bowlOfChoices(least)).toBeCloseTo(0, 12);
  });

  it.each([
    ['Branin', BRANIN, branin, 0.5, 40],
    ['Hartmann-6', HARTMANN, hartmann, -2.8, 24],
  ] as const)(
    'beats random search on %s with 100 trials, far beyond chance',
    (_, space, loss, bound, runs) => {
      const tpe = seeds(runs).map(seed =>
        bestOf('tpe', space, loss, 100, seed),
      );
      const random = seeds(runs).map(seed =>
        bestOf('random', space, loss, 100, 1000 + seed),
      );
      expect(median(tpe)).toBeLessThanOrEqual(bound);
      expect(mannWhitneyTest(tpe, random, 'less').pValue).toBeLessThan(1e-3);
    },
  );

  const mixed: SearchSpace = {
    rate: { kind: 'float', low: 1e-5, high: 1, log: true },
    layers: { kind: 'int', low: 1, high: 8 },
    kind: { kind: 'choice', values: ['a', 'b', 'c'] },
    size: { kind: 'float', low: 0, high: 1, step: 0.25 },
  };
  const mixedLoss = (c: Configuration) =>
    Math.log10(Number(c.rate) / 1e-3) ** 2 +
    (Number(c.layers) - 5) ** 2 / 4 +
    Number(c.kind !== 'b') +
    Math.abs(Number(c.size) - 0.75);

  it('handles logarithms, integers, choices and steps', () => {
    const tpe = seeds(12).map(seed =>
      bestOf('tpe', mixed, mixedLoss, 80, seed),
    );
    const random = seeds(12).map(seed =>
      bestOf('random', mixed, mixedLoss, 80, 1000 + seed),
    );
    expect(mannWhitneyTest(tpe, random, 'less').pValue).toBeLessThan(0.01);
    expect(median(tpe)).toBeLessThan(0.3);
  });

  it('goes on from JSON exactly where it was', () => {
    const state = createTpe(5);
    const next = () => {
      const configuration = suggestTpe(state, mixed);
      reportResult(state, { configuration, loss: mixedLoss(configuration) });
    };
    for (let i = 0; i < 15; i++) next();
    const stored = JSON.parse(JSON.stringify(state));
    expect(suggestTpe(stored, mixed)).toEqual(suggestTpe(state, mixed));
  });

  it('refuses a result of the wrong shape at once, and keeps the state', () => {
    const state = createTpe(6);
    const configuration = suggestTpe(state, BRANIN);
    const before = structuredClone(state);
    for (const wrong of [
      configuration,
      { config: configuration, loss: 1 },
      { configuration: null, loss: 1 },
      { configuration: [1, 2], loss: 1 },
      { loss: 1 },
      0.5,
      null,
    ]) {
      const result = JSON.parse(JSON.stringify(wrong));
      expect(() => reportResult(state, result)).toThrow(
        'Report a result as { configuration, loss }',
      );
    }
    for (const wrong of [{}, { value: 1 }, { loss: '1' }, { loss: null }]) {
      const result = JSON.parse(JSON.stringify({ configuration, ...wrong }));
      expect(() => reportResult(state, result)).toThrow(
        'The loss of a trial must be a number (NaN when it failed)',
      );
    }
    expect(state).toEqual(before);
  });

  it('survives failed trials and spreads parallel workers', () => {
    const state = createTpe(6);
    for (let i = 0; i < 20; i++) {
      const configuration = suggestTpe(state, BRANIN);
      reportResult(state, {
        configuration,
        loss: i % 3 ? NaN : branin(configuration),
      });
    }
    expect(bestResult(state)!.loss).toBeLessThan(200);
    const pending: Configuration[] = [];
    for (let worker = 0; worker < 8; worker++) {
      pending.push(suggestTpe(state, BRANIN, { pending }));
    }
    expect(new Set(pending.map(c => Number(c.x).toFixed(2))).size).toBe(8);
    expect(bestResult(createTpe())).toBeUndefined();
  });
});
