import sobolReference from '../../fixtures/sobol.json';
import { mannWhitneyTest } from '../experiment/mannWhitney';
import { symmetricEigen } from '../numerics/symmetricEigen';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import { bestOfAsha, createAsha, reportAsha, suggestAsha } from './asha';
import { createCmaEs, reportCmaEs, suggestCmaEs } from './cmaEs';
import { gridConfiguration, gridSize, middleConfiguration } from './gridSearch';
import {
  createHalving,
  hyperbandBrackets,
  isHalvingFinished,
  reportHalving,
  successiveHalvingBracket,
  suggestHalving,
} from './hyperband';
import { shouldStopByMedian } from './medianStop';
import { createPopulation, stepPopulation } from './populationBasedTraining';
import {
  createRandomSearch,
  reportResult,
  suggestRandom,
} from './randomSearch';
import { bestResult } from './searcher';
import { sobolConfiguration, sobolPoint } from './sobol';
import { positionOf, valueAt } from './space';
import type { Configuration, Parameter, SearchSpace } from './space';
import { createTpe, suggestTpe } from './tpe';

const float = (low: number, high: number) =>
  ({ kind: 'float', low, high } as const);

const BRANIN: SearchSpace = { x: float(-5, 10), y: float(0, 15) };
function branin(c: Configuration): number {
  const [x, y] = [Number(c.x), Number(c.y)];
  const valley = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
  return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

const HARTMANN: SearchSpace = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, float(0, 1)]),
);
const HARTMANN_A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
function hartmann(c: Configuration): number {
  const x = Object.keys(HARTMANN).map(name => Number(c[name]));
  return -[1, 1.2, 3, 3.2].reduce((sum, alpha, i) => {
    const inner = x.reduce(
      (s, xj, j) => s + HARTMANN_A[i][j] * (xj - HARTMANN_P[i][j] * 1e-4) ** 2,
      0,
    );
    return sum + alpha * Math.exp(-inner);
  }, 0);
}

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

describe('CMA-ES', () => {
  it.each<[string, (x: number, y: number, z: number) => number, number]>([
    [
      'a sphere away from the middle',
      (x, y, z) => (x - 2) ** 2 + (y + 1) ** 2 + z ** 2,
      0,
    ],
    [
      'a narrow turned valley',
      (x, y, z) => (x + y + z) ** 2 * 100 + (x - y) ** 2 + (y - z - 1) ** 2,
      0,
    ],
    [
      'a minimum at the wall',
      (x, y, z) => -x + (y - 1) ** 2 + (z - y) ** 2,
      -5,
    ],
  ])('finds the minimum of %s', (_, of, minimum) => {
    const space = { x: float(-5, 5), y: float(-5, 5), z: float(-5, 5) };
    const state = createCmaEs(space, { seed: 3 });
    for (let i = 0; i < 700; i++) {
      const { id, configuration } = suggestCmaEs(state, space)!;
      const { x, y, z } = configuration;
      reportCmaEs(state, id, of(Number(x), Number(y), Number(z)));
    }
    expect(bestResult(state)!.loss - minimum).toBeLessThan(1e-4);
    expect(bestResult(state)!.loss).toBeGreaterThanOrEqual(minimum);
  });

  it('waits for the whole generation, in any order, and goes on from JSON', () => {
    const state = createCmaEs(BRANIN, { populationSize: 4 });
    const ids = [0, 1, 2, 3].map(() => suggestCmaEs(state, BRANIN)!);
    expect(suggestCmaEs(state, BRANIN)).toBeUndefined();
    for (const { id, configuration } of [...ids].reverse()) {
      reportCmaEs(state, id, branin(configuration));
    }
    expect(state.generation).toBe(1);
    const stored = JSON.parse(JSON.stringify(state));
    expect(suggestCmaEs(stored, BRANIN)).toEqual(suggestCmaEs(state, BRANIN));
    expect(() => reportCmaEs(state, 0, 1)).toThrow('Trial 0 is not waiting');
    expect(() => createCmaEs(BRANIN, { populationSize: 1 })).toThrow(
      'at least 2',
    );
  });

  it('decomposes symmetric matrices to full precision', () => {
    const random = createRandom(2);
    const n = 8;
    const raw = Array.from({ length: n }, () =>
      Array.from({ length: n }, () => nextNormal(random)),
    );
    const matrix = raw.map((row, i) =>
      row.map((value, j) => value + raw[j][i]),
    );
    const { values, vectors } = symmetricEigen(matrix);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let product = 0;
        let orthogonal = 0;
        for (let k = 0; k < n; k++) {
          product += vectors[i][k] * values[k] * vectors[j][k];
          orthogonal += vectors[i][k] * vectors[j][k];
        }
        expect(product).toBeCloseTo(matrix[i][j], 12);
        expect(orthogonal).toBeCloseTo(i === j ? 1 : 0, 13);
      }
    }
  });
});

describe('Sobol points', () => {
  it('are those of scipy, unshifted, in 32 dimensions', () => {
    for (const [index, point] of Object.entries(sobolReference.rows)) {
      expect(sobolPoint(Number(index), 32)).toEqual(point);
    }
  });

  it('fill every cell of a grid, shifted too, and integrate better than chance', () => {
    for (const seed of [undefined, 7]) {
      const cells = new Set<number>();
      let sum = 0;
      for (let i = 0; i < 256; i++) {
        const [x, y] = sobolPoint(i, 2, seed);
        cells.add(Math.floor(x * 16) * 16 + Math.floor(y * 16));
        sum += x * y;
      }
      expect(cells.size).toBe(256);
      expect(sum / 256).toBeCloseTo(0.25, 2);
    }
    expect(sobolConfiguration(BRANIN, 3)).toEqual(
      sobolConfiguration(BRANIN, 3),
    );
    expect(() => sobolPoint(0, 33)).toThrow('1 to 32 dimensions');
  });
});

describe('search spaces', () => {
  const parameters: [string, Parameter, number[]][] = [
    ['int', { kind: 'int', low: 1, high: 4 }, [1, 2, 3, 4]],
    ['step', { kind: 'float', low: 0, high: 1, step: 0.4 }, [0, 0.4, 0.8]],
    ['int by steps', { kind: 'int', low: 0, high: 9, step: 4 }, [0, 4, 8]],
  ];

  it.each(parameters)(
    'gives every value its chance: %s',
    (_, parameter, values) => {
      const random = createRandom(1);
      const seen = new Map<unknown, number>();
      for (let i = 0; i < 4000; i++) {
        const value = valueAt(parameter, nextUniform(random));
        seen.set(value, (seen.get(value) ?? 0) + 1);
      }
      expect([...seen.keys()].sort()).toEqual(values);
      for (const value of values) {
        expect(valueAt(parameter, positionOf(parameter, value))).toBe(value);
      }
      expect(Math.min(...seen.values())).toBeGreaterThan(
        4000 / values.length / 1.5,
      );
    },
  );

  it('is logarithmic when asked', () => {
    const rate: Parameter = { kind: 'float', low: 1e-4, high: 1, log: true };
    expect(valueAt(rate, 0.5)).toBeCloseTo(1e-2, 12);
    expect(positionOf(rate, 1e-3)).toBeCloseTo(0.25, 12);
  });

  it.each<[Parameter, string]>([
    [{ kind: 'float', low: 2, high: 1 }, 'finite low <= high'],
    [{ kind: 'float', low: 0, high: 1, log: true }, 'low must be above 0'],
    [{ kind: 'int', low: 0.5, high: 1 }, 'is an integer'],
    [{ kind: 'float', low: 0, high: 1, step: 0 }, 'positive step'],
    [{ kind: 'choice', values: [] }, 'has no values'],
  ])('names what is wrong with %j', (parameter, message) => {
    expect(() => suggestRandom(createRandomSearch(), { p: parameter })).toThrow(
      `Parameter 'p' `,
    );
    expect(() => suggestRandom(createRandomSearch(), { p: parameter })).toThrow(
      message,
    );
  });

  it('grids cover the product in a stable order', () => {
    const space: SearchSpace = {
      rate: { kind: 'float', low: 0.01, high: 1, log: true },
      layers: { kind: 'int', low: 1, high: 2 },
      kind: { kind: 'choice', values: ['a', 'b'] },
    };
    expect(gridSize(space, 3)).toBe(12);
    const all = Array.from(
      { length: 12 },
      (_, i) => gridConfiguration(space, i, 3)!,
    );
    expect(all[1]).toEqual({ rate: 0.01, layers: 1, kind: 'b' });
    expect(all[11]).toEqual({ rate: 1, layers: 2, kind: 'b' });
    expect(all[4].rate).toBeCloseTo(0.1, 12);
    expect(new Set(all.map(c => JSON.stringify(c))).size).toBe(12);
    expect(gridConfiguration(space, 12, 3)).toBeUndefined();
    expect(middleConfiguration(space).rate).toBeCloseTo(0.1, 12);
  });
});

describe('successive halving and Hyperband', () => {
  it('has the brackets of algorithm 1 for R = 81, eta = 3 and R = 8, eta = 2', () => {
    const brackets = hyperbandBrackets(81, 3);
    expect(brackets.map(b => b[0].trials)).toEqual([81, 34, 15, 8, 5]);
    expect(brackets.map(b => b[0].resource)).toEqual([1, 3, 9, 27, 81]);
    expect(brackets[0].map(r => r.trials)).toEqual([81, 27, 9, 3, 1]);
    expect(brackets[1].map(r => r.trials)).toEqual([34, 11, 3, 1]);
    expect(
      hyperbandBrackets(8, 2).map(b => `${b[0].trials}@${b[0].resource}`),
    ).toEqual(['8@1', '6@2', '4@4', '4@8']);
    expect(
      successiveHalvingBracket({ trials: 9, minResource: 1, maxResource: 9 }),
    ).toEqual([
      { trials: 9, resource: 1 },
      { trials: 3, resource: 3 },
      { trials: 1, resource: 9 },
    ]);
    expect(() => hyperbandBrackets(0)).toThrow('maxResource >= 1');
  });

  it('runs every rung, keeps the best, finds a good one, and goes on from JSON', () => {
    let state = createHalving(hyperbandBrackets(27), 4);
    const used: Record<string, number> = {};
    while (!isHalvingFinished(state)) {
      state = JSON.parse(JSON.stringify(state));
      const next = suggestHalving(state, BRANIN)!;
      used[next.resource] = (used[next.resource] ?? 0) + 1;
      // The loss gets nearer to the truth with more resource.
      reportHalving(
        state,
        next.id,
        branin(next.configuration) + 3 / next.resource,
      );
    }
    expect(used).toEqual({ 1: 27, 3: 9 + 12, 9: 3 + 4 + 6, 27: 1 + 1 + 2 + 4 });
    expect(state.best!.loss).toBeLessThan(3);
    expect(suggestHalving(state, BRANIN)).toBeUndefined();
    expect(() => reportHalving(state, 0, 1)).toThrow('not waiting');
  });

  it('hands out nothing while the rung is still running', () => {
    const state = createHalving([
      successiveHalvingBracket({ trials: 3, minResource: 1, maxResource: 3 }),
    ]);
    const trials = [0, 1, 2].map(() => suggestHalving(state, BRANIN)!);
    expect(suggestHalving(state, BRANIN)).toBeUndefined();
    trials.forEach(({ id }) => reportHalving(state, id, -id));
    expect(suggestHalving(state, BRANIN)).toMatchObject({ id: 2, resource: 3 });
  });
});

describe('ASHA', () => {
  it('never leaves a worker idle, promotes one in eta, and finds a good one', () => {
    let state = createAsha({ minResource: 1, maxResource: 27, seed: 8 });
    const running: ReturnType<typeof suggestAsha>[] = [];
    const random = createRandom(1);
    for (let i = 0; i < 1200; i++) {
      if (running.length === 16) {
        const [done] = running.splice(Math.floor(nextUniform(random) * 16), 1);
        reportAsha(
          state,
          done.id,
          branin(done.configuration) + 3 / done.resource,
        );
        state = JSON.parse(JSON.stringify(state));
      }
      running.push(suggestAsha(state, BRANIN));
    }
    const sizes = state.rungs.map(rung => rung.length);
    for (let rung = 1; rung < sizes.length; rung++) {
      expect(sizes[rung] / sizes[rung - 1]).toBeGreaterThan(0.24);
      // Early mistakes promote a few more than one in three.
      expect(sizes[rung] / sizes[rung - 1]).toBeLessThan(0.42);
    }
    expect(bestOfAsha(state)!.loss).toBeLessThan(1);
    expect(() => reportAsha(state, 99_999, 1)).toThrow('is not running');
    expect(
      bestOfAsha(createAsha({ minResource: 1, maxResource: 1 })),
    ).toBeUndefined();
  });
});

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

describe('median stop', () => {
  const others = [5, 4, 3, 2, 1].map(level => [level, level]);

  it('gives up what is worse than half of the others at the same step', () => {
    expect(shouldStopByMedian({ losses: [9, 3.5], others })).toBe(true);
    expect(shouldStopByMedian({ losses: [9, 2.5], others })).toBe(false);
    expect(shouldStopByMedian({ losses: [NaN, NaN], others })).toBe(true);
  });

  it('stops nobody without enough to compare with', () => {
    expect(shouldStopByMedian({ losses: [9], others: others.slice(1) })).toBe(
      false,
    );
    expect(shouldStopByMedian({ losses: [9, 9, 9], others })).toBe(false);
    expect(shouldStopByMedian({ losses: [9], others, warmupSteps: 2 })).toBe(
      false,
    );
    expect(shouldStopByMedian({ losses: [], others })).toBe(false);
  });
});
