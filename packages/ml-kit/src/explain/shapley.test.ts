import vectors from '../../fixtures/monitoring-vectors.json';
import { createRandom, nextNormal } from '../random/random';
import { exactShapley, shapleyValuesOfGame } from './exactShapley';
import { kernelShap } from './kernelShap';
import { explainPrediction, permutationShapley } from './permutationShapley';
import { gridSegments, groupsOfSegments } from './segments';
import { model } from './__testUtils__/model';

const random = createRandom(11);
const normalRows = (rows: number, features: number) =>
  Array.from({ length: rows }, () =>
    Array.from({ length: features }, () => nextNormal(random)),
  );
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('exact Shapley values', () => {
  it('of the glove game: one of two left gloves needs the right one', () => {
    const payoffs = Array.from({ length: 8 }, (_, mask) =>
      (mask & 1 || mask & 2) && mask & 4 ? 1 : 0,
    );
    shapleyValuesOfGame(payoffs).forEach((value, i) => {
      expect(value).toBeCloseTo(vectors.shap_glove.phi[i], 15);
    });
  });

  const four = vectors.shap_d4;
  const fourModel = model(
    x => 2 * x[0] - x[1] + x[0] * x[2] + Math.max(x[3], 0) * x[1] + 0.5,
  );
  const fourOptions = {
    predict: fourModel,
    instance: four.x,
    background: four.background,
  };

  it('of four features with interactions (shap ExactExplainer)', async () => {
    const result = await exactShapley(fourOptions);
    expect(result.baseValue).toBeCloseTo(four.base, 14);
    expect(result.prediction).toBeCloseTo(four.fx, 14);
    result.values.forEach((value, i) => {
      expect(value).toBeCloseTo(four.phi[i], 13);
    });
    expect(result.evaluations).toBe(16 * 3);
    expect(result.additivityError).toBeLessThan(1e-14);
  });

  it('equal KernelSHAP with all coalitions', async () => {
    const exact = await exactShapley(fourOptions);
    const kernel = await kernelShap(fourOptions);
    kernel.values.forEach((value, i) => {
      expect(value).toBeCloseTo(exact.values[i], 12);
    });
    expect(kernel.standardErrors).toEqual([0, 0, 0, 0]);
  });

  it('of a linear model are (x - mean) times the coefficient, 0 for what the model does not use', async () => {
    const background = normalRows(30, 3);
    const result = await exactShapley({
      predict: model(x => x[0] + 2 * x[1]),
      instance: [1, 2, 3],
      background,
    });
    const mean = (f: number) => sum(background.map(row => row[f])) / 30;
    expect(result.values[0]).toBeCloseTo(1 - mean(0), 12);
    expect(result.values[1]).toBeCloseTo(2 * (2 - mean(1)), 12);
    expect(result.values[2]).toBeCloseTo(0, 12);
  });

  it('are symmetric, and linear in the model', async () => {
    const background = [[0, 0, 0]];
    const instance = [1, 1, 2];
    const f = (x: Float64Array) => x[0] * x[1] * x[2];
    const g = (x: Float64Array) => x[0] + x[2] ** 2;
    const of = async (h: (x: Float64Array) => number) =>
      (await exactShapley({ predict: model(h), instance, background })).values;
    const [a, b, both] = [
      await of(f),
      await of(g),
      await of(x => 2 * f(x) + g(x)),
    ];
    expect(a[0]).toBeCloseTo(a[1], 14);
    both.forEach((value, i) => expect(value).toBeCloseTo(2 * a[i] + b[i], 12));
  });

  it('leave out features that equal the whole background, and add up to 1e-9 of the scale at 12 features', async () => {
    const background = normalRows(4, 13).map(row => [...row.slice(0, 12), 7]);
    const instance = [...normalRows(1, 12)[0], 7];
    const result = await exactShapley({
      predict: model(x => 1000 * Math.tanh(sum([...x])) + x[0] * x[5]),
      instance,
      background,
    });
    expect(result.evaluations).toBe(4096 * 4);
    expect(result.values[12]).toBe(0);
    expect(result.additivityError).toBeLessThan(1e-9);
  });

  it('refuse what they cannot do, and stop when told', async () => {
    const predict = model(x => x[0]);
    const wide = {
      predict,
      instance: new Array(17).fill(1),
      background: [new Array(17).fill(0)],
    };
    await expect(exactShapley(wide)).rejects.toThrow('17 groups have 2^17');
    await expect(
      exactShapley({ predict, instance: [1], background: [] }),
    ).rejects.toThrow('background has no rows');
    await expect(
      exactShapley({ predict, instance: [1], background: [[1, 2]] }),
    ).rejects.toThrow('Background row 0 has 2 values');
    await expect(
      exactShapley({ ...fourOptions, groups: [[0], [0, 1, 2]] }),
    ).rejects.toThrow('exactly once');
    await expect(
      exactShapley({ ...fourOptions, predict: async () => [1] }),
    ).rejects.toThrow('returned 1 numbers for 48 rows');
    await expect(
      exactShapley({ ...fourOptions, signal: AbortSignal.abort() }),
    ).rejects.toThrow('aborted');
    for (const batchRows of [0, -1, 2.5, NaN]) {
      await expect(exactShapley({ ...fourOptions, batchRows })).rejects.toThrow(
        'batchRows must be an integer of at least 1',
      );
    }
    expect(() => shapleyValuesOfGame([1, 2, 3])).toThrow('2^n coalitions');
  });
});

describe('sampled Shapley values', () => {
  const background = normalRows(5, 8);
  const options = {
    predict: model(
      x => 3 * x[0] + x[1] * x[2] + Math.max(x[3], x[4]) + x[5] * x[6] * x[7],
    ),
    instance: normalRows(1, 8)[0],
    background,
  };

  it.each([
    [
      'permutation',
      () => (seed: number) =>
        permutationShapley({ ...options, seed, maxPairs: 40, tolerance: 0 }),
    ],
    [
      'kernel',
      () => (seed: number) => kernelShap({ ...options, seed, coalitions: 160 }),
    ],
  ] as const)(
    '%s: honest standard errors, additive, the same for the same seed',
    async (_, make) => {
      const explain = make();
      const exact = await exactShapley(options);
      const ratios: number[] = [];
      for (let seed = 0; seed < 40; seed++) {
        const result = await explain(seed);
        expect(result.additivityError).toBeLessThan(1e-9);
        result.values.forEach((value, i) => {
          if (result.standardErrors[i] > 1e-9) {
            ratios.push((value - exact.values[i]) / result.standardErrors[i]);
          }
        });
      }
      const meanSquare = sum(ratios.map(r => r * r)) / ratios.length;
      expect(ratios.length).toBeGreaterThan(100);
      expect(meanSquare).toBeGreaterThan(0.5);
      expect(meanSquare).toBeLessThan(1.8);
      expect(await explain(3)).toEqual(await explain(3));
      expect((await explain(3)).values).not.toEqual((await explain(4)).values);
    },
  );

  it.each([0, -1, 1.5, NaN])(
    'refuse a number of samples of %s',
    async count => {
      await expect(
        permutationShapley({ ...options, maxPairs: count }),
      ).rejects.toThrow(
        `maxPairs must be an integer of at least 1, got ${count}`,
      );
      await expect(
        kernelShap({ ...options, coalitions: count }),
      ).rejects.toThrow(
        `coalitions must be an integer of at least 2, got ${count}`,
      );
    },
  );

  it('refuse a tolerance that no error can be compared with', async () => {
    await expect(
      permutationShapley({ ...options, tolerance: NaN }),
    ).rejects.toThrow('tolerance must be a number of at least 0, got NaN');
  });

  it('an order and its reverse are exact for interactions of two features', async () => {
    const pairwise = {
      ...options,
      predict: model(x => x[0] * x[1] + x[2] - x[3] * x[4]),
    };
    const exact = await exactShapley(pairwise);
    const sampled = await permutationShapley({
      ...pairwise,
      maxPairs: 2,
      minPairs: 2,
    });
    sampled.values.forEach((value, i) => {
      expect(value).toBeCloseTo(exact.values[i], 10);
    });
  });

  it('never state an error below rounding, even where every sample is exact', async () => {
    const linear = {
      ...options,
      predict: model(x => 1e6 + x[0] / 3 - 7 * x[1] + 0.1 * x[2]),
    };
    const exact = await exactShapley(linear);
    for (const sampled of [
      await permutationShapley(linear),
      await kernelShap({ ...linear, coalitions: 160 }),
    ]) {
      const floor = 16 * Number.EPSILON * Math.abs(exact.prediction);
      sampled.values.forEach((value, i) => {
        const error = sampled.standardErrors[i];
        expect(error).toBeGreaterThanOrEqual(0.99 * floor);
        expect(Math.abs(value - exact.values[i])).toBeLessThanOrEqual(
          4 * error,
        );
      });
    }
    expect(exact.standardErrors).toEqual(new Array(8).fill(0));
  });

  it('stops early when the errors are small enough', async () => {
    const linear = { ...options, predict: model(x => x[0] - x[1]) };
    const result = await permutationShapley(linear);
    expect(result.evaluations).toBe((2 + 8 * 14) * 5);
  });

  it('is used beyond 12 groups, and for images by groups of pixels exact ones', async () => {
    const many = {
      predict: model(x => sum([...x])),
      instance: new Array(16).fill(1),
      background: [new Array(16).fill(0)],
    };
    expect((await explainPrediction(many)).method).toBe('permutation');
    const patches = groupsOfSegments(
      gridSegments({ width: 4, height: 4, rows: 2, columns: 2 }),
    );
    const result = await explainPrediction({ ...many, groups: patches });
    expect(result).toMatchObject({ method: 'exact', values: [4, 4, 4, 4] });
  });

  it('handles no and one player', async () => {
    const same = {
      ...options,
      instance: [1],
      background: [[1]],
      predict: model(x => x[0]),
    };
    for (const explain of [exactShapley, permutationShapley, kernelShap]) {
      expect(await explain(same)).toMatchObject({ values: [0], baseValue: 1 });
      expect(await explain({ ...same, background: [[0]] })).toMatchObject({
        values: [1],
        standardErrors: [0],
      });
    }
  });
});
