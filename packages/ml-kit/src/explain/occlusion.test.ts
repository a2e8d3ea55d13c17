import { gridSegments, groupsOfSegments } from './segments';
import { occlusion } from './occlusion';
import type { Predict } from './types';

/** A linear model: what a group is worth is what its weights add over the background's mean. */
function linear(weights: number[]): Predict {
  return async ({ rows, features, values }) =>
    Float64Array.from({ length: rows }, (_, row) =>
      weights.reduce(
        (sum, weight, j) => sum + weight * values[row * features + j],
        1,
      ),
    );
}

describe('occlusion', () => {
  const background = [
    [0, 0, 0, 0],
    [2, 2, 2, 2],
  ];

  it('is what each feature adds in a linear model, and adds up there', async () => {
    const result = await occlusion({
      predict: linear([1, 2, 3, 0]),
      instance: [3, 1, 0, 5],
      background,
    });
    expect(result.values).toEqual([2, 0, -3, 0]);
    expect(result.baseValue).toBe(7);
    expect(result.prediction).toBe(6);
    expect(result.additivityError).toBeCloseTo(0, 12);
    expect(result.evaluations).toBe(12);
  });

  it('takes patches of an image as groups', async () => {
    const groups = groupsOfSegments(
      gridSegments({ width: 2, height: 2, rows: 1, columns: 2 }),
    );
    const { values } = await occlusion({
      predict: linear([1, 0, 1, 10]),
      instance: [4, 4, 4, 4],
      background: [[0, 0, 0, 0]],
      groups,
    });
    expect(values).toEqual([8, 40]);
  });

  it('says how far it is from adding up where features work together', async () => {
    const and: Predict = async ({ rows, features, values }) =>
      Float64Array.from(
        { length: rows },
        (_, row) => values[row * features] * values[row * features + 1],
      );
    const result = await occlusion({
      predict: and,
      instance: [1, 1],
      background: [[0, 0]],
    });
    expect(result.values).toEqual([1, 1]);
    expect(result.additivityError).toBe(1);
  });
});
