import { pool } from './pool';

const hidden = {
  // Two texts of up to two tokens; the second token of the second one only fills it up.
  data: Float32Array.of(1, 2, 3, 6, 3, 4, 99, 99),
  shape: [2, 2, 2],
};
const plain = (vectors: Float32Array[]) => vectors.map(one => [...one]);

it('takes the mean of the tokens that a text has', () => {
  const vectors = pool(hidden, [2, 1], { pooling: 'mean', normalize: false });
  expect(plain(vectors)).toEqual([
    [2, 4],
    [3, 4],
  ]);
});

it('takes the first token, and the length 1 where that is wanted', () => {
  const vectors = pool(hidden, [2, 1], { pooling: 'first', normalize: true });
  expect(vectors[1]).toEqual(Float32Array.of(0.6, 0.8));
  expect(Math.hypot(...vectors[0])).toBeCloseTo(1, 6);
});

it('takes vectors of texts as they are', () => {
  const given = { data: Float32Array.of(0, 0, 3, 4), shape: [2, 2] };
  const vectors = pool(given, [7, 9], { pooling: 'none', normalize: true });
  expect(vectors).toEqual([Float32Array.of(0, 0), Float32Array.of(0.6, 0.8)]);
});
