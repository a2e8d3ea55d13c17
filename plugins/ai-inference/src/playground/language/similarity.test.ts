import { cosineSimilarity, rankBySimilarity } from './similarity';

describe('cosineSimilarity', () => {
  it.each([
    [[1, 0], [2, 0], 1],
    [[1, 0], [0, 3], 0],
    [[1, 0], [-1, 0], -1],
    [[3, 4], [4, 3], 0.96],
  ])('of %j and %j is %s', (a, b, expected) => {
    expect(cosineSimilarity(a, b)).toBeCloseTo(expected, 12);
  });

  it('is unknown where there is no angle', () => {
    expect(cosineSimilarity([0, 0], [1, 0])).toBeUndefined();
    expect(cosineSimilarity([1], [1, 0])).toBeUndefined();
  });
});

it('ranks the most alike first, and the unknown last', () => {
  expect(
    rankBySimilarity([
      [1, 0],
      [0, 1],
      [0, 0],
      [1, 0.1],
    ]).map(({ index }) => index),
  ).toEqual([3, 1, 2]);
});
