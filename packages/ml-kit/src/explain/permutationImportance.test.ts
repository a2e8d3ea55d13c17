import { sampleStatistic } from '../experiment/armStatistic';
import { createRandom, nextUniform } from '../random/random';
import { permutationImportance } from './permutationImportance';
import { model } from './__testUtils__/model';

const random = createRandom(11);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

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
    // Shuffling a term costs twice its variance.
    const spread = (of: (row: number[]) => number) =>
      sampleStatistic(rows.map(of)).variance;
    const expected = [2 * spread(row => 2 * row[0]), 2 * spread(row => row[1])];
    expected.forEach((cost, i) => {
      expect(Math.abs(result.importances[i] - cost)).toBeLessThan(
        5 * result.standardErrors[i],
      );
    });
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
    for (const row of [[1], [1, 2, 3, 4]]) {
      await expect(
        permutationImportance({ ...options, rows: [[1, 2, 3], row] }),
      ).rejects.toThrow(`Row 1 has ${row.length} values, expected 3`);
    }
    for (const repeats of [0, -1, 1.5, NaN]) {
      await expect(
        permutationImportance({ ...options, repeats }),
      ).rejects.toThrow('repeats must be an integer of at least 1');
    }
    for (const feature of [3, -1, 0.5]) {
      await expect(
        permutationImportance({ ...options, groups: [[0, feature]] }),
      ).rejects.toThrow(`feature ${feature}, expected 0 to 2`);
    }
  });
});
