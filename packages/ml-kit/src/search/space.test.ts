import sobolReference from '../../fixtures/sobol.json';
import { createRandom, nextUniform } from '../random/random';
import { gridConfiguration, gridSize, middleConfiguration } from './gridSearch';
import { createRandomSearch, suggestRandom } from './randomSearch';
import { sobolConfiguration, sobolPoint } from './sobol';
import { positionOf, valueAt } from './space';
import type { Parameter, SearchSpace } from './space';
import { BRANIN } from './__testUtils__/testFunctions';

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

  it('finds a choice by its index', () => {
    const choice: Parameter = { kind: 'choice', values: ['a', 'b', true, 4] };
    for (const value of choice.values) {
      expect(valueAt(choice, positionOf(choice, value))).toBe(value);
    }
    expect(valueAt(choice, 1)).toBe(4);
  });

  it('has one value where low is high', () => {
    const fixed: Parameter = { kind: 'float', low: 2, high: 2 };
    expect(valueAt(fixed, 0.9)).toBe(2);
    expect(positionOf(fixed, 2)).toBe(0.5);
  });

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
    [{ kind: 'int', low: 0, high: 9, step: 0.5 }, 'step must be, got 0.5'],
    [{ kind: 'int', low: 0, high: 9, step: Infinity }, 'step must be'],
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
