import vectors from '../../fixtures/monitoring-vectors.json';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import { exactShapley, shapleyValuesOfGame } from './exactShapley';
import { kernelShap } from './kernelShap';
import { limeSegments, limeTabular, topOverlap } from './lime';
import { permutationImportance } from './permutationImportance';
import { explainPrediction, permutationShapley } from './permutationShapley';
import {
  gridSegments,
  groupsOfSegments,
  keepSegments,
  keepWords,
  textSegments,
} from './segments';
import type { Predict } from './types';

/** A model from a function of one row. */
const model =
  (of: (x: Float64Array) => number): Predict =>
  async ({ rows, features, values }) =>
    Float64Array.from({ length: rows }, (_, i) =>
      of(values.subarray(i * features, (i + 1) * features)),
    );

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

describe('LIME', () => {
  const background = normalRows(200, 4);
  const options = {
    predict: model(x => 5 * Number(x[0] > 0.7) - 2 * Number(x[2] > 0.7)),
    instance: [2, 0, 2, 0],
    background,
  };

  it('ranks the features of a row, is deterministic, and says how well it fits', async () => {
    const result = await limeTabular(options);
    const [a, b, c, d] = result.coefficients;
    expect(a).toBeGreaterThan(3);
    expect(c).toBeLessThan(-1);
    expect(Math.max(Math.abs(b), Math.abs(d))).toBeLessThan(0.3);
    expect(result.prediction).toBe(3);
    expect(result.fit).toBeGreaterThan(0.8);
    expect(await limeTabular(options)).toEqual(result);
    const bySeed = await Promise.all(
      [1, 2, 3, 4, 5].map(seed => limeTabular({ ...options, seed })),
    );
    expect(
      topOverlap(
        bySeed.map(r => r.coefficients),
        2,
      ),
    ).toBe(1);
  });

  it('finds the words that a text model looks for', async () => {
    const segments = textSegments("I don't like it, gar nicht gut!");
    expect(segments.words.map(w => segments.pieces[w])).toEqual([
      'I',
      "don't",
      'like',
      'it',
      'gar',
      'nicht',
      'gut',
    ]);
    expect(keepWords(segments, new Uint8Array(7).fill(1))).toBe(
      "I don't like it, gar nicht gut!",
    );
    const { coefficients } = await limeSegments({
      segments: 7,
      predictMasks: async masks =>
        masks.map(mask => {
          const text = keepWords(segments, mask);
          return Number(text.includes('gut')) - Number(text.includes('nicht'));
        }),
    });
    expect(coefficients[6]).toBeCloseTo(1, 1);
    expect(coefficients[5]).toBeCloseTo(-1, 1);
    expect(Math.abs(coefficients[0])).toBeLessThan(0.1);
  });

  it('finds the patch of an image', async () => {
    const patches = gridSegments({ width: 8, height: 8, rows: 2, columns: 2 });
    const image = Float64Array.from({ length: 64 }, (_, i) =>
      i % 8 > 4 && i < 32 ? 9 : 1,
    );
    const { coefficients } = await limeSegments({
      segments: 4,
      predictMasks: async masks =>
        masks.map(mask => Math.max(...keepSegments(image, patches, mask))),
    });
    expect(coefficients.indexOf(Math.max(...coefficients))).toBe(1);
    expect(() =>
      gridSegments({ width: 2, height: 2, rows: 3, columns: 1 }),
    ).toThrow('3 x 1 does not fit');
  });

  it('measures overlap', () => {
    expect(
      topOverlap(
        [
          [3, 2, 1],
          [3, 1, 2],
        ],
        2,
      ),
    ).toBeCloseTo(1 / 3, 12);
    expect(topOverlap([[1, 2]], 1)).toBe(1);
  });
});

describe('permutation importance', () => {
  it('is what shuffling costs, with its error, and near 0 for an unused feature', async () => {
    const rows = Array.from({ length: 400 }, () =>
      [0, 1, 2].map(() => nextUniform(random)),
    );
    const truth = rows.map(([a, b]) => 2 * a + b);
    const options = {
      predict: model(x => 2 * x[0] + x[1]),
      rows,
      score: (predictions: Float64Array) =>
        -sum(truth.map((y, i) => (y - predictions[i]) ** 2)) / rows.length,
    };
    const result = await permutationImportance(options);
    expect(result.score).toBeCloseTo(0, 12);
    // Shuffling costs twice the variance of the term: 2 * 4 / 12 and 2 / 12.
    expect(result.importances[0]).toBeCloseTo(8 / 12, 1);
    expect(result.importances[1]).toBeCloseTo(2 / 12, 1);
    expect(result.importances[2]).toBe(0);
    expect(result.standardErrors[0]).toBeGreaterThan(0);
    expect(await permutationImportance(options)).toEqual(result);
    const grouped = await permutationImportance({
      ...options,
      groups: [[0, 1], [2]],
    });
    expect(grouped.importances[0]).toBeGreaterThan(0.6);
    await expect(
      permutationImportance({ ...options, rows: [] }),
    ).rejects.toThrow('no rows');
  });
});
