import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, nextUint32 } from '../random/random';
import { SOBOL_DIRECTIONS } from './sobolDirections';
import { assertSearchSpace, configurationAt } from './space';
import type { Configuration, SearchSpace } from './space';

/** Dimensions that there are direction numbers for. */
export const MAX_SOBOL_DIMENSIONS = SOBOL_DIRECTIONS.length + 1;
const BITS = 32;

/** The 32 direction numbers of a dimension, the most significant bit first. */
function directionsOf(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let bit = 0; bit < BITS; bit++) v[bit] = 2 ** (BITS - 1 - bit);
    return v;
  }
  const [polynomial, ...initial] = SOBOL_DIRECTIONS[dimension - 1];
  const degree = initial.length;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      v[bit] = initial[bit] * 2 ** (BITS - 1 - bit);
      continue;
    }
    let word = v[bit - degree] ^ (v[bit - degree] >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((polynomial >>> (degree - k)) & 1) word ^= v[bit - k];
    }
    v[bit] = word;
  }
  return v;
}

/**
 * Point of the Sobol sequence at an index: spread over the unit cube more evenly than
 * chance, so that n points find what n log n random ones would.
 *
 * @param index - from 0; the whole state of the search. Stop at powers of two for the best balance.
 * @param dimensions - 1 to 32; throws InvalidArgumentError beyond
 * @param seed - shifts all points alike, which keeps their balance; without it the sequence itself, which begins at the corner 0
 * O(32 dimensions). Source: Sobol (1967); Joe and Kuo (2008).
 */
export function sobolPoint(
  index: number,
  dimensions: number,
  seed?: number,
): number[] {
  if (!(dimensions >= 1 && dimensions <= MAX_SOBOL_DIMENSIONS)) {
    throw new InvalidArgumentError(
      `There are Sobol points of 1 to ${MAX_SOBOL_DIMENSIONS} dimensions, got ${dimensions}`,
    );
  }
  const random = seed === undefined ? undefined : createRandom(seed);
  // The Gray code visits the same points; every step changes one bit.
  const gray = (index ^ (index >>> 1)) >>> 0;
  return Array.from({ length: dimensions }, (_, dimension) => {
    const v = directionsOf(dimension);
    let word = random ? nextUint32(random) : 0;
    for (let bit = 0; bit < BITS; bit++) {
      if ((gray >>> bit) & 1) word ^= v[bit];
    }
    return (word >>> 0) / 2 ** BITS;
  });
}

/** Configuration at an index of the shifted Sobol sequence. The state of the search is the index. */
export function sobolConfiguration(
  space: SearchSpace,
  index: number,
  seed = 1,
): Configuration {
  assertSearchSpace(space);
  const dimensions = Object.keys(space).length;
  return configurationAt(space, sobolPoint(index, dimensions, seed));
}
