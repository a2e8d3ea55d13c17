import type { LanguageDescription } from './languageFile';

/** Vectors of the tokens of several texts, as a model gives them. */
export interface Hidden {
  data: Float32Array;
  /** `[texts, tokens, size]`, or `[texts, size]` where nothing is left to pool. */
  shape: readonly number[];
}

/**
 * One vector for each text. Tokens that only fill a text up to the length of the longest do
 * not count.
 *
 * @param lengths - tokens of each text
 */
export function pool(
  { data, shape }: Hidden,
  lengths: readonly number[],
  { pooling, normalize }: Pick<LanguageDescription, 'pooling' | 'normalize'>,
): Float32Array[] {
  const size = shape[shape.length - 1];
  const tokens = pooling === 'none' ? 1 : shape[1];
  return lengths.map((length, text) => {
    const from = text * tokens * size;
    const counted = pooling === 'mean' ? length : 1;
    const vector = meanOf(data, from, counted, size);
    return Float32Array.from(normalize ? toUnitLength(vector) : vector);
  });
}

/** In double precision, since hundreds of numbers are summed. */
function meanOf(
  data: Float32Array,
  from: number,
  count: number,
  size: number,
): Float64Array {
  const sum = new Float64Array(size);
  for (let token = 0; token < count; token++) {
    const at = from + token * size;
    for (let i = 0; i < size; i++) sum[i] += data[at + i];
  }
  return sum.map(value => value / count);
}

function toUnitLength(vector: Float64Array): Float64Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  // A vector of zeros has no direction, and stays.
  const length = Math.sqrt(squares) || 1;
  return vector.map(value => value / length);
}
