import { symmetricEigen } from '../numerics/symmetricEigen';
import { createRandom, nextNormal } from '../random/random';
import { createCmaEs, reportCmaEs, suggestCmaEs } from './cmaEs';
import { bestResult } from './searcher';
import { BRANIN, branin, float } from './__testUtils__/testFunctions';

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
